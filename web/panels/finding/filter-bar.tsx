/*
 * The filters that are on. Tests and user styles may rely on it:
 *
 *   [data-part="filters"]
 *     form.add-filter input, select       a new one: lines with or without a text
 *     button.level                        data-level="error|warn|info|debug", aria-pressed
 *     .chip            data-kind="q|not|has|lacks|since|until|from|source|hide|stream", data-value; button.remove
 *     .chip                               data-kind="column|highlight": what stands out of lines; button.swatch
 *     select.context                      lines around each match
 *     button.in-log, button.clear, button.clear-lines
 */
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { visibleName } from '../../../agent/text/drawing/invisible.ts';
import type { ViewActions } from '../../app/view-actions.ts';
import type { ViewState } from '../../app/view-state.ts';
import { bareField } from '../../chrome/bare-field.ts';
import { Button, CloseButton, IconButton } from '../../chrome/button.tsx';
import { Icon } from '../../chrome/icons.tsx';
import { filterWords } from '../../late-words.ts';
import { type Filter, isOn, levels, looksAtText, textLists } from '../../lines/filter.ts';
import { withoutText, withPattern, withUnwanted } from '../../lines/filter-texts.ts';
import { type ReadingChoice, recolored, withHighlight } from '../../reading/choice.ts';
import { patternError, textOf } from '../../text/pattern.ts';
import { moment } from '../../text/times.ts';
import { toolWords } from '../../words.ts';

interface Props {
  state: ViewState;
  actions: ViewActions;
}

export function FilterBar({ state, actions }: Props) {
  const { filter, filterBefore, reading } = state;
  return (
    <section class="filter-bar" data-part="filters" aria-label={toolWords.filters}>
      <AddFilter state={state} actions={actions} />
      <Levels filter={filter} choose={actions.choose} />
      <ul class="chips">
        {chipsOf(filter).map(({ kind, value, words, without }) => (
          <ChipItem
            key={`${kind} ${value}`}
            kind={kind}
            value={value}
            words={words}
            remove={() => actions.choose(without)}
          />
        ))}
        {reading && <ReadingChips reading={reading} choose={actions.chooseReading} />}
      </ul>
      {looksAtText(filter) && (
        <Context filter={filter} isExport={state.snapshot !== undefined} choose={actions.choose} />
      )}
      <span class="filter-buttons">
        {filterBefore && (
          <Button class="plain-button back" onClick={actions.toggleInLog}>
            {filterWords.back}
          </Button>
        )}
        {isOn(filter) && (
          <>
            <Button class="plain-button in-full" title={filterWords.inLogTitle} onClick={actions.toggleInLog}>
              {filterWords.inLog}
            </Button>
            <Button class="plain-button clear" onClick={() => actions.choose({})}>
              {filterWords.clear}
            </Button>
          </>
        )}
        {!state.snapshot && (
          <Button class="plain-button clear-lines" title={`${filterWords.clearLines} (x)`} onClick={actions.clearLines}>
            {filterWords.clearLines}
          </Button>
        )}
        <CloseButton label={filterWords.close} close={actions.toggleFilters} />
      </span>
    </section>
  );
}

interface ReadingChipsProps {
  reading: ReadingChoice;
  choose: ViewActions['chooseReading'];
}

function ReadingChips({ reading: { columns, highlights }, choose }: ReadingChipsProps) {
  return (
    <>
      {columns.map((key) => (
        <ChipItem
          key={`column ${key}`}
          kind="column"
          value={key}
          words={filterWords.column(visibleName(key))}
          remove={() => choose({ columns: columns.filter((one) => one !== key) })}
        />
      ))}
      {highlights.map(({ color, text }) => (
        <ChipItem
          key={`highlight ${text}`}
          kind="highlight"
          value={text}
          words={filterWords.highlight(visibleName(text))}
          remove={() => choose({ highlights: highlights.filter((one) => one.text !== text) })}
        >
          <Button
            class="highlight swatch"
            data-color={color}
            aria-label={filterWords.recolor(visibleName(text))}
            title={filterWords.recolor(visibleName(text))}
            onClick={() => choose({ highlights: recolored(highlights, text) })}
          />
        </ChipItem>
      ))}
    </>
  );
}

interface ChipItemProps {
  kind: string;
  value: string;
  words: string;
  remove(): void;
  children?: ComponentChildren;
}

function ChipItem({ kind, value, words, remove, children }: ChipItemProps) {
  return (
    <li class="chip" data-kind={kind} data-value={value}>
      {children}
      <span class="chip-words" title={words}>
        {words}
      </span>
      <Button class="remove" aria-label={filterWords.remove(words)} onClick={remove}>
        <Icon name="close" />
      </Button>
    </li>
  );
}

type Kind = 'q' | 'regex' | 'not' | 'highlight';

function AddFilter({ state: { filter, reading, filterIsAsked, filterDraft }, actions }: Props) {
  const input = useRef<HTMLInputElement>(null);
  // Before the next key can come: it belongs to the text.
  useLayoutEffect(() => {
    if (filterIsAsked) input.current?.focus();
  }, [filterIsAsked]);
  const [kind, setKind] = useState<Kind>('q');
  const [wrong, setWrong] = useState<string | undefined>();
  const add = (event: Event) => {
    event.preventDefault();
    const text = input.current?.value ?? '';
    const why = patternError({ text, regex: kind === 'regex', case: false, word: false });
    setWrong(why);
    if (text === '' || why !== undefined || !input.current) return;
    actions.set({ filterDraft: '' });
    if (kind === 'highlight') actions.chooseReading({ highlights: withHighlight(reading?.highlights ?? [], text) });
    else actions.choose(withText(filter, kind, text));
  };
  return (
    <form class="add-filter" onSubmit={add}>
      <select
        aria-label={filterWords.kind}
        value={kind}
        onChange={(event) => setKind(event.currentTarget.value as Kind)}
      >
        {(['q', 'regex', 'not', 'highlight'] as const).map((one) => (
          <option key={one} value={one}>
            {filterWords.kinds[one]}
          </option>
        ))}
      </select>
      <input
        ref={input}
        class="filter-text"
        aria-label={filterWords.text}
        aria-invalid={wrong !== undefined}
        title={wrong}
        placeholder={filterWords.placeholder}
        {...bareField}
        value={filterDraft}
        onInput={({ currentTarget: { value } }) => {
          setWrong(undefined);
          actions.set({ filterDraft: value });
        }}
      />
      <IconButton type="submit" name="add" icon="plus" label={filterWords.add} />
    </form>
  );
}

function withText(filter: Filter, kind: Exclude<Kind, 'highlight'>, text: string): Filter {
  if (kind === 'not') return withUnwanted(filter, text);
  return withPattern(filter, { text, regex: kind === 'regex', case: filter.case ?? false, word: filter.word ?? false });
}

function Levels({ filter, choose }: { filter: Filter; choose(filter: Filter): void }) {
  const { level = [], ...rest } = filter;
  return (
    <fieldset class="levels" aria-label={filterWords.levels}>
      {levels.map((one) => {
        const isOn = level.includes(one);
        const next = levels.filter((other) => (other === one ? !isOn : level.includes(other)));
        return (
          <Button
            key={one}
            class="level"
            data-level={one}
            aria-pressed={isOn}
            onClick={() => choose(next.length === 0 ? rest : { ...rest, level: next })}
          >
            {one}
          </Button>
        );
      })}
    </fieldset>
  );
}

interface ContextProps {
  filter: Filter;
  /** Where nobody knows records. */
  isExport: boolean;
  choose(filter: Filter): void;
}

function Context({ filter, isExport, choose }: ContextProps) {
  const { context = 0, record, ...rest } = filter;
  return (
    <label class="context-choice">
      {filterWords.context}
      <select
        class="context"
        value={record ? 'record' : context}
        onChange={({ currentTarget: { value } }) => {
          if (value === 'record') choose({ ...rest, record: true });
          else choose(value === '0' ? rest : { ...rest, context: Number(value) });
        }}
      >
        {[...new Set([0, 1, 3, 10, context])]
          .sort((a, b) => a - b)
          .map((lines) => (
            <option key={lines} value={lines}>
              {lines}
            </option>
          ))}
        {!isExport && <option value="record">{filterWords.record}</option>}
      </select>
    </label>
  );
}

interface Chip {
  kind: (typeof textLists)[number] | 'since' | 'until' | 'from' | 'source' | 'hide' | 'stream';
  value: string;
  words: string;
  without: Filter;
}

function chipsOf(filter: Filter): Chip[] {
  const { source, hide, stream, from } = filter;
  const chips: Chip[] = [];
  const without = (...names: (keyof Filter)[]): Filter =>
    Object.fromEntries(Object.entries(filter).filter(([name]) => !names.includes(name as keyof Filter)));
  for (const kind of textLists) {
    for (const text of filter[kind] ?? []) {
      chips.push({ kind, value: text, words: textWords(filter, kind, text), without: withoutText(filter, kind, text) });
    }
  }
  for (const kind of ['since', 'until'] as const) {
    const { [kind]: value } = filter;
    if (value !== undefined)
      chips.push({ kind, value, words: filterWords[kind](timeWords(value)), without: without(kind) });
  }
  if (from !== undefined)
    chips.push({ kind: 'from', value: String(from), words: filterWords.from(from), without: without('from') });
  for (const [kind, values] of [
    ['source', source],
    ['hide', hide],
    ['stream', stream],
  ] as const) {
    if (!values) continue;
    chips.push({ kind, value: values.join(), words: filterWords.origins(kind, values), without: without(kind) });
  }
  return chips;
}

/** Milliseconds since the epoch as a time; what else stands for one stays as it is. */
function timeWords(time: string): string {
  return /^\d{5,16}$/.test(time) ? moment(Number(time), Date.now()) : time;
}

function textWords(filter: Filter, kind: (typeof textLists)[number], text: string): string {
  if (kind === 'has') return text;
  if (kind === 'lacks') return filterWords.lacks(text);
  // What was written as an expression for the sake of another one is shown as what it is.
  const plain = filter.regex ? textOf(text) : text;
  if (kind === 'not') return filterWords.lacks(plain ?? text);
  const { case: isCase, word } = filter;
  const flags = [plain === undefined && filterWords.regex, isCase && filterWords.case, word && filterWords.word];
  return [filterWords.contains(plain ?? text), ...flags.filter(Boolean)].join(' · ');
}
