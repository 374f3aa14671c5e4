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

type ToolProps = Omit<ComponentProps<'button'>, 'icon' | 'name'> & { name: string; icon: IconName; label: string };

/** A picture to press. */
export function Tool({ name, icon, label, ...rest }: ToolProps) {
  return (
    <Button class={`tool ${name}`} title={label} aria-label={label} {...rest}>
      <Icon name={icon} />
    </Button>
  );
}
