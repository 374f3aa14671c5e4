/*
 * Lines over time. Tests and user styles may rely on it:
 *
 *   [data-part="timeline"]
 *     svg > g.bucket            data-first (id of its first line), data-lines, data-errors
 *     svg > .brush              the bars that are pointed at, or chosen
 *     .timeline-words           what is under the pointer
 *     form.go-to-time input     "14:03"
 * A click goes to a time; dragging shows only that time. The arrow keys, Home and End go from bar to bar, with Shift
 * they choose bars, and Enter goes there.
 */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Bucket, Histogram } from '../../../agent/words/finding.ts';
import type { ViewActions } from '../../app/view-actions.ts';
import { bareField } from '../../chrome/bare-field.ts';
import { CloseButton } from '../../chrome/button.tsx';
import { barAt, isSameDay, nextBar, timeOfDay } from '../../finding/times-of-log.ts';
import { timelineWords } from '../../late-words.ts';
import { type Filter, queryText } from '../../lines/filter.ts';
import { boxOf } from '../../text/box-of.ts';
import { clockTime, fullTime } from '../../text/times.ts';
import { toolWords } from '../../words.ts';

interface Props {
  filter: Filter;
  first: number;
  /** Changes where there may be news. */
  last: number;
  actions: ViewActions;
}

const bucketPx = 5;
const heightPx = 44;
const againMs = 3000;

export function Timeline(props: Props) {
  const { filter, actions } = props;
  const { histogram, isLate } = useHistogram(props);
  const [pointed, setPointed] = useState<number | undefined>();
  const [brush, setBrush] = useState<{ from: number; to: number } | undefined>();
  const [wrong, setWrong] = useState(false);
  const plot = useRef<SVGSVGElement>(null);
  const buckets = histogram?.buckets ?? [];
  const most = Math.max(1, ...buckets.map(({ lines }) => lines));
  const [begin, over] = [buckets[0]?.from ?? 0, buckets.at(-1)?.to ?? 0];
  const isOneDay = isSameDay(begin, over);
  const isBrief = over - begin < buckets.length * 1000;
  const placeholder = timelineWords.placeholder(isOneDay);
  /** No more of a second than a bucket is long. */
  const timeWords = (time: number) => (isOneDay ? clockTime(time) : fullTime(time)).slice(0, isBrief ? undefined : -4);
  const barOf = (event: PointerEvent) => {
    const box = boxOf(plot.current);
    return barAt(buckets.length, box ? (event.clientX - box.left) / box.width : 0);
  };
  const point = (to: number, isBrushing: boolean, from = brush?.from ?? pointed ?? to) => {
    setPointed(to);
    setBrush(isBrushing ? { from, to } : undefined);
  };
  const leave = () => {
    setPointed(undefined);
    setBrush(undefined);
  };
  const end = (one: number, other: number) => {
    setBrush(undefined);
    const [first, final] = [buckets[Math.min(one, other)], buckets[Math.max(one, other)]];
    if (!first || !final) return;
    if (first !== final) actions.choose({ ...filter, since: String(first.from), until: String(final.to - 1) });
    const id = first.first ?? buckets.find((bucket) => bucket.from >= first.from && bucket.first !== null)?.first;
    if (id) actions.goToLine(id);
  };
  const takeKey = (event: KeyboardEvent) => {
    const { key } = event;
    const step = { ArrowLeft: -1, End: -1, ArrowRight: 1, Home: 1 }[key];
    const edge = step === 1 ? -1 : buckets.length;
    const to = step && nextBar(buckets, (key.startsWith('A') ? pointed : undefined) ?? edge, step);
    if (to !== undefined) point(to, event.shiftKey);
    else if (key === 'Enter' && pointed !== undefined) end(brush?.from ?? pointed, pointed);
    else if (!step) return;
    event.preventDefault();
  };
  const bar = pointed === undefined ? undefined : buckets[pointed];
  const words = bar
    ? timelineWords.bucket(timeWords(bar.from), bar.lines, bar.errors, bar.warnings)
    : histogram && buckets.length > 0
      ? timelineWords.whole(timeWords(begin), timeWords(over), histogram.lines)
      : histogram && timelineWords.none;
  const chosen = brush ?? (bar && { from: pointed ?? 0, to: pointed ?? 0 });
  const goToTime = async (event: SubmitEvent) => {
    event.preventDefault();
    const text = new FormData(event.target as HTMLFormElement).get('time');
    const time = timeOfDay(String(text ?? ''), begin || Date.now());
    const id = time === undefined ? 'none' : await actions.lineAtTime(time);
    setWrong(typeof id === 'string');
    if (typeof id === 'number') actions.goToLine(id);
  };
  return (
    <section class="timeline" data-part="timeline" aria-label={toolWords.timeline} aria-busy={isLate}>
      <svg
        ref={plot}
        viewBox={`0 0 ${Math.max(1, buckets.length)} ${heightPx}`}
        preserveAspectRatio="none"
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a key goes from bar to bar of it.
        role="slider"
        tabIndex={0}
        aria-label={toolWords.timeline}
        aria-valuemin={0}
        aria-valuemax={buckets.length - 1}
        aria-valuenow={pointed ?? 0}
        aria-valuetext={words}
        onKeyDown={takeKey}
        onBlur={leave}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          point(barOf(event), true, barOf(event));
        }}
        onPointerMove={(event) => point(barOf(event), event.buttons > 0 && brush !== undefined)}
        onPointerUp={(event) => {
          // The next key is for the lines.
          event.currentTarget.blur();
          if (brush) end(brush.from, barOf(event));
        }}
        onPointerLeave={leave}
      >
        {buckets.map((bucket, at) => (
          <Bar key={bucket.from} bucket={bucket} at={at} most={most} />
        ))}
        {chosen && (
          <rect
            class="brush"
            x={Math.min(chosen.from, chosen.to)}
            width={Math.abs(chosen.to - chosen.from) + 1}
            y="0"
            height={heightPx}
          />
        )}
      </svg>
      <p class="timeline-words">{words}</p>
      <form class="go-to-time" onSubmit={goToTime}>
        <input
          name="time"
          placeholder={placeholder}
          size={placeholder.length}
          aria-label={timelineWords.goToTime}
          aria-invalid={wrong}
          {...bareField}
          onInput={() => setWrong(false)}
        />
      </form>
      <CloseButton label={timelineWords.close} close={actions.toggleTimeline} />
    </section>
  );
}

/** Half of the height is a line or more, so that a single line is seen beside ten thousand. */
function Bar({ bucket, at, most }: { bucket: Bucket; at: number; most: number }) {
  const { lines, errors, warnings, first } = bucket;
  const height = (count: number) => (count === 0 ? 0 : 3 + Math.sqrt(count / most) * (heightPx - 3));
  const parts = [
    ['lines', lines],
    ['warnings', errors + warnings],
    ['errors', errors],
  ] as const;
  return (
    <g class="bucket" data-first={first ?? undefined} data-lines={lines} data-errors={errors}>
      {parts.map(([kind, count]) => (
        <rect key={kind} class={kind} x={at + 0.08} width="0.84" y={heightPx - height(count)} height={height(count)} />
      ))}
    </g>
  );
}

/**
 * `isLate`: it is still that of another filter. While lines come it is asked for again, but not for each of them; and
 * while the agent does not know all of the log. Where it fails, as a search does that takes too long, less and less
 * often.
 */
function useHistogram({ filter, first, last, actions: { histogram: ask } }: Props) {
  const [known, setKnown] = useState<{ histogram?: Histogram; of?: string }>({});
  const query = queryText(filter);
  const extent = useRef([first, last] as const);
  extent.current = [first, last];
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const buckets = Math.min(500, Math.max(20, Math.floor(innerWidth / bucketPx)));
    void (async () => {
      for (
        let complete = -1, waitMs = againMs;
        !signal.aborted;
        await new Promise((resolve) => setTimeout(resolve, waitMs))
      ) {
        const [first, last] = extent.current;
        if (last === complete) continue;
        const histogram = await ask(`buckets=${buckets}${query && `&${query}`}`, signal).catch(() => undefined);
        waitMs = histogram ? againMs : waitMs * 2;
        if (!histogram || signal.aborted) continue;
        setKnown({ histogram, of: query });
        if (histogram.known[0] <= first && histogram.known[1] >= last) complete = last;
      }
    })();
    return () => controller.abort();
  }, [query, ask]);
  return { histogram: known.histogram, isLate: known.of !== query };
}
