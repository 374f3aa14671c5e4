/** The data elements of an exported file, as a document would have them. */
export function documentOf(html: string): ParentNode {
  const elements = [...html.matchAll(/<script type="application\/gzip" data-(\w+)(?:="([^"]*)")?>([^<]*)<\/script>/g)];
  const made = elements.map(([, name, value, textContent]) => ({
    name,
    dataset: { [name as string]: value },
    textContent,
  }));
  const select = (selector: string) => made.filter(({ name }) => selector === `script[data-${name}]`);
  const root = { querySelector: (selector: string) => select(selector)[0] ?? null, querySelectorAll: select };
  return root as unknown as ParentNode;
}

/** What stands in an exported file beside its data. */
export function shellOf(html: string): string {
  return html.replace(/<script type="application\/gzip"[^>]*>[^<]*<\/script>\n/g, '');
}
