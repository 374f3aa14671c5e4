/*
 *   .toast   what copying has to say; gone after a few seconds; button[data-form="text|colors|link"]
 */
import { useEffect, useState } from 'preact/hooks';
import { Button } from '../chrome/button.tsx';
import type { CopyForm, CopyNews } from '../input/copying.ts';
import { copyWords } from '../late-words.ts';
import type { Filter } from '../lines/filter.ts';
import { searchWith } from '../lines/filter.ts';

const toastMs = 4000;
/** With something to press. */
const toastWithButtonsMs = 8000;

interface Props {
  copy: CopyNews | undefined;
  filter: Filter;
  copyAs(form: CopyForm | 'link'): void;
  close(): void;
}

export function Toast({ copy, filter, copyAs, close }: Props) {
  const [latestClose] = useState(() => ({ close }));
  latestClose.close = close;
  useEffect(() => {
    if (!copy || copy.kind === 'reading') return;
    const timer = setTimeout(() => latestClose.close(), copy.kind === 'copied' ? toastWithButtonsMs : toastMs);
    return () => clearTimeout(timer);
  }, [copy, latestClose]);
  return (
    <div class="toasts" role="status" aria-live="polite">
      {copy && (
        <p class="toast">
          {copy.kind === 'failed' ? copyWords.failed : copyWords[copy.kind](copy.lines)}{' '}
          {copy.kind === 'copied' &&
            copy.others.map((form) => (
              <Button key={form} class="plain-button" data-form={form} onClick={() => copyAs(form)}>
                {copyWords.as[form]}
              </Button>
            ))}
          {copy.kind === 'tooMany' && (
            <a href={`raw${searchWith('?strip=1&download=1', filter)}`}>{copyWords.download}</a>
          )}
        </p>
      )}
    </div>
  );
}
