/**
 * Takes the place of the package `entities`, of which ansi-to-html uses this one function (see web/vite.config.ts and
 * scripts/build-agent.js): with it comes a table of 33 KB with the names of all entities.
 */
export function encodeXML(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] as string);
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};
