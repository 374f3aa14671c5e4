/*
 *   dialog.help   the page's keys
 */
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../chrome/icons.tsx';
import { keyWords, settingsWords } from '../late-words.ts';

export function Help({ close }: { close(): void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="help" aria-label={settingsWords.keys} onClose={close}>
      <header class="panel-header">
        <h2>{settingsWords.keys}</h2>
        <button type="button" class="close" aria-label="Close" onClick={() => dialog.current?.close()}>
          <Icon name="close" />
        </button>
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
