import type { Span } from './spans.ts';

/** A text to be found in others, in time proportional to these: log text is written by strangers, and so are masks. */
export interface Value {
  readonly text: string;
  /** Where it stands in a text; places that overlap are one span. */
  spansIn(text: string): Generator<Span>;
  /** How much of a text's end it begins with, without being complete. */
  beginningAtEnd(text: string): number;
}

/** @param value not empty */
export function createValue(value: string): Value {
  let known: Uint32Array | undefined;
  const borders = () => {
    known ??= bordersOf(value);
    return known;
  };

  /** How much of the value ends right after a unit, where `length` of it ended right before. */
  function after(unit: number, length: number): number {
    let matched = length;
    while (matched > 0 && value.charCodeAt(matched) !== unit) matched = borders()[matched - 1] as number;
    return value.charCodeAt(matched) === unit ? matched + 1 : 0;
  }

  /** Where places that overlap end, of which the first ends at `firstEnd`. */
  function endOfOverlap(text: string, firstEnd: number): number {
    let end = firstEnd;
    let matched = borders()[value.length - 1] as number;
    for (let at = firstEnd; at - matched < end && at < text.length; ) {
      matched = after(text.charCodeAt(at), matched);
      at++;
      if (matched < value.length) continue;
      end = at;
      matched = borders()[value.length - 1] as number;
    }
    return end;
  }

  return {
    text: value,
    *spansIn(text) {
      for (let from = text.indexOf(value); from !== -1; ) {
        const to = endOfOverlap(text, from + value.length);
        yield { from, to };
        from = text.indexOf(value, to);
      }
    },
    beginningAtEnd(text) {
      let matched = 0;
      for (let at = Math.max(0, text.length - value.length + 1); at < text.length; at++) {
        matched = after(text.charCodeAt(at), matched);
      }
      return matched;
    },
  };
}

/**
 * For each beginning of a value, how much of its end the value begins with (Knuth, Morris and Pratt's failure
 * function).
 */
function bordersOf(value: string): Uint32Array {
  const borders = new Uint32Array(value.length);
  for (let at = 1, matched = 0; at < value.length; at++) {
    const unit = value.charCodeAt(at);
    while (matched > 0 && value.charCodeAt(matched) !== unit) matched = borders[matched - 1] as number;
    if (value.charCodeAt(matched) === unit) matched++;
    borders[at] = matched;
  }
  return borders;
}
