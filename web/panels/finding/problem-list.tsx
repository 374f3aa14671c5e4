/*
 * Errors and warnings. Tests and user styles may rely on it:
 *
 *   [data-part="errors"] > li[data-line]    data-level="error|warn"; its button goes there
 *     .problem-text, .problem-place         the message; `src/app.js:12` or `line 42`
 *   [data-part="errors"] > li[data-from]    some between two lines are not listed; its button lists them
 *   .problems-menu .panel-none              says that there may be more
 */
import { useState } from 'preact/hooks';
import { visibleName } from '../../../agent/text/drawing/invisible.ts';
import { withoutMarkers } from '../../../agent/text/drawing/markers.ts';
import type { OmittedProblems, Problem } from '../../../agent/words/finding.ts';
import type { ViewActions } from '../../app/view-actions.ts';
import type { ViewState } from '../../app/view-state.ts';
import { Button } from '../../chrome/button.tsx';
import { isWhole, placeOf } from '../../finding/outline.ts';
import { outlineWords, problemWords } from '../../late-words.ts';
import { fieldsOf } from '../../text/json-line.ts';

const shownAtFirst = 500;

type Row = Problem | OmittedProblems;

interface Props {
  state: Pick<ViewState, 'outline' | 'filter' | 'first' | 'last' | 'shownProblems'>;
  actions: ViewActions;
}

export function ProblemList({ state: { outline, filter, first, last, shownProblems }, actions }: Props) {
  const { problems: all = [], omitted = [] } = outline ?? {};
  const problems = all.filter(({ id }) => shownProblems?.has(id) !== false);
  const [most, setMost] = useState(shownAtFirst);
  const places = new Map<Row, number>(omitted.map((range) => [range, placeOf(range, problems)]));
  const placeIn = (row: Row) => ('id' in row ? row.id : (places.get(row) ?? 0));
  const rows = [...problems, ...omitted].sort((a, b) => placeIn(a) - placeIn(b));
  // Without keys: what comes in place of a row that was clicked has the focus.
  const drawn = rows
    .slice(0, most)
    .map((row) =>
      'id' in row
        ? listed(row, () => actions.goToLine(row.id))
        : others(problemWords.omitted(row), () => actions.listProblems(row), row.from),
    );
  if (rows.length > most) drawn.push(others(problemWords.more, () => setMost(most + shownAtFirst)));
  if (problems.length < all.length) {
    const { from } = filter;
    // Those before it are not counted.
    const rest = from === undefined ? {} : { from };
    drawn.push(others(problemWords.hidden(all.length - problems.length), () => actions.choose(rest)));
  }
  return (
    <>
      {!isWhole(outline, first, last) && <p class="panel-none">{outlineWords.reading}</p>}
      <ul class="problem-list" data-part="errors">
        {drawn}
      </ul>
    </>
  );
}

function listed({ id, level, text, file, line }: Problem, act: () => void) {
  return (
    <li data-line={id} data-level={level}>
      <Button onClick={act}>
        <span class={`dot ${level}`} title={problemWords.levels[level]} />
        <span class="problem-text">{visibleName(fieldsOf(text)?.message ?? withoutMarkers(text))}</span>
        <span class="problem-place">
          {file === undefined ? problemWords.line(id) : `${visibleName(file)}${line === undefined ? '' : `:${line}`}`}
        </span>
      </Button>
    </li>
  );
}

function others(words: string, act: () => void, from?: number) {
  return (
    <li data-from={from}>
      <Button onClick={act}>
        <span class="problem-place">{words}</span>
      </Button>
    </li>
  );
}
