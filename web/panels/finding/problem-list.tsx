/*
 * Errors and warnings. Tests and user styles may rely on it:
 *
 *   [data-part="errors"] > li[data-line]    data-level="error|warn"; its button goes there
 *     .problem-text, .problem-place         the message; `src/app.js:12` or `line 42`
 */
import type { Outline } from '../../../agent/words/finding.ts';
import type { ViewActions } from '../../app/view-actions.ts';
import { Button } from '../../chrome/button.tsx';
import { problemWords } from '../../late-words.ts';
import { visibleName } from '../../text/invisible.ts';
import { fieldsOf } from '../../text/json-line.ts';
import { withoutMarkers } from '../../text/markers.ts';

const mostShown = 500;

export function ProblemList({ outline, actions }: { outline: Outline; actions: ViewActions }) {
  const { problems, errors, warnings } = outline;
  const shown = problems.slice(0, mostShown);
  const omitted = errors + warnings - shown.length;
  return (
    <>
      <ul class="problem-list" data-part="errors">
        {shown.map(({ id, level, text, file, line }) => (
          <li key={id} data-line={id} data-level={level}>
            <Button onClick={() => actions.goToLine(id)}>
              <span class={`dot ${level}`} title={problemWords.levels[level]} />
              <span class="problem-text">{visibleName(fieldsOf(text)?.message ?? withoutMarkers(text))}</span>
              <span class="problem-place">
                {file === undefined
                  ? problemWords.line(id)
                  : `${visibleName(file)}${line === undefined ? '' : `:${line}`}`}
              </span>
            </Button>
          </li>
        ))}
      </ul>
      {omitted > 0 && <p class="panel-none">{problemWords.omitted(omitted)}</p>}
    </>
  );
}
