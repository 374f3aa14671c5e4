import type { ComponentChildren } from 'preact';
import { connectionWords } from '../words.ts';
import { Icon } from './icons.tsx';

export function Banner({ kind, close, children }: { kind: string; close?: () => void; children: ComponentChildren }) {
  return (
    <div class={`banner ${kind}`} role="status">
      {children}
      {close && (
        <button type="button" class="close" aria-label={connectionWords.close} onClick={close}>
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}

export function Reload() {
  return (
    <button type="button" class="reload" onClick={() => location.reload()}>
      {connectionWords.reload}
    </button>
  );
}

export function Retry({ retry }: { retry(): void }) {
  return (
    <button type="button" class="retry" onClick={retry}>
      {connectionWords.retry}
    </button>
  );
}
