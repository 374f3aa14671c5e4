import type { ComponentChildren } from 'preact';
import { connectionWords } from '../words.ts';
import { Button, CloseButton } from './button.tsx';

export function Banner({ kind, close, children }: { kind: string; close?: () => void; children: ComponentChildren }) {
  return (
    <div class={`banner ${kind}`} role="status">
      {children}
      {close && <CloseButton label={connectionWords.close} close={close} />}
    </div>
  );
}

export function Reload() {
  return (
    <Button class="reload" onClick={() => location.reload()}>
      {connectionWords.reload}
    </Button>
  );
}

export function Retry({ retry }: { retry(): void }) {
  return (
    <Button class="retry" onClick={retry}>
      {connectionWords.retry}
    </Button>
  );
}
