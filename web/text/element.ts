/** An element of a class, with a text that is shown as it is. */
export function newElement<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className: string,
  text = '',
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text;
  return element;
}

/** A button that is none of a form. */
export function newButton(className: string, text = ''): HTMLButtonElement {
  const button = newElement('button', className, text);
  button.type = 'button';
  return button;
}

/** What an event happened in, or a text stands in: the nearest element that a selector names. */
export function closestTo(target: EventTarget | null, selector: string): HTMLElement | null {
  const element = target instanceof Element ? target : (target as Node | null)?.parentElement;
  return element?.closest<HTMLElement>(selector) ?? null;
}
