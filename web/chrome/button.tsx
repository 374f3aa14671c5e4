import type { ComponentProps } from 'preact';
import { Icon } from './icons.tsx';

/** A button that sends no form. */
export function Button(props: ComponentProps<'button'>) {
  return <button type="button" {...props} />;
}

export function CloseButton({ label, close }: { label: string; close: () => void }) {
  return (
    <Button class="close" aria-label={label} onClick={close}>
      <Icon name="close" />
    </Button>
  );
}
