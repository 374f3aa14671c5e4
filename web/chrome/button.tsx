import type { ComponentProps } from 'preact';
import { Icon, type IconName } from './icons.tsx';

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

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'icon' | 'name'> {
  /** Its class. */
  name: string;
  icon: IconName;
  label: string;
}

export function IconButton({ name, icon, label, ...rest }: IconButtonProps) {
  return (
    <Button class={`tool ${name}`} title={label} aria-label={label} {...rest}>
      <Icon name={icon} />
    </Button>
  );
}
