/** Whether the page shows, as far as the browser says: a hidden one draws nothing, and nobody reads it. */
export function isVisible(): boolean {
  return document.visibilityState === 'visible';
}
