/** VTE's limit. */
const maxUriLength = 2083;

/** What stands after `OSC 8 ;`, or '' for no link. */
export function linkTo(params: string, uri: string): string {
  if (uri === '' || uri.length + params.length > maxUriLength) return '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a CR or BS in a link must not come back into the line
  return /[\x00-\x1f\x7f-\x9f]/.test(params + uri) ? '' : `${params};${uri}`;
}

/** Opens a link; '' closes the one that is open. */
export function linkSequence(link: string): string {
  return `\x1b]8;${link || ';'}\x1b\\`;
}
