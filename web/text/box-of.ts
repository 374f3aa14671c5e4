/** Where an element is, in CSS pixels from the window's upper left corner; undefined where there is none. */
export function boxOf(element: Element | null | undefined): DOMRect | undefined {
  return element?.getBoundingClientRect();
}
