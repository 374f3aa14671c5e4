/*
 *   dialog.help   the page's keys
 */
import { useEffect, useRef } from 'preact/hooks';
import { CloseButton } from '../chrome/button.tsx';
import { keyWords, settingsWords } from '../late-words.ts';

export function Help({ close }: { close(): void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="help" aria-label={settingsWords.keys} onClose={close}>
      <header class="panel-header">
        <h2>{settingsWords.keys}</h2>
        <CloseButton label="Close" close={() => dialog.current?.close()} />
      </header>
      <dl class="keys">
        {keyWords.map(([keys, words]) => (
          <div key={keys}>
            <dt>{keys}</dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  );
}
