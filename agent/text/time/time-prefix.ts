const timePrefix = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,9}Z (?:\d\d[OE][ +]?)?/;

/** A line without the time that GitHub and GitLab put before every line that they keep. */
export function withoutTime(visible: string): string {
  const code = visible.charCodeAt(0);
  if (code < 0x30 || code > 0x39) return visible;
  const prefix = timePrefix.exec(visible)?.[0];
  return prefix === undefined ? visible : visible.slice(prefix.length);
}
