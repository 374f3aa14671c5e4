/**
 * The address that a path in a line leads to, as the person who runs the agent gave it:
 * `vscode://file/{path}:{line}:{column}`.
 */
export interface LinkTemplate {
  text: string;
  /**
   * What `{path}` stands for. `relative`: the template names the directory itself, as in
   * `https://example.org/src/{path}#L{line}`.
   */
  paths: 'absolute' | 'relative';
}

/** A place in a file, as a line names it. */
export interface FilePlace {
  path: string;
  line: number;
  column: number | undefined;
}

/** What a browser would run, or show as a page of its own making, instead of opening it. */
const unsafe = /^(?:javascript|vbscript|data|blob|file|filesystem|about|view-source|jar|chrome|resource|ws|wss):/i;
const form = /^[a-z][a-z0-9+.-]*:\/\/[^\s"'<>`\\{}]*\{path\}(?:[^\s"'<>`\\{}]|\{line\}|\{column\})*$/i;

/**
 * Its scheme is part of the template, so that no line can choose one.
 * @returns undefined where it is none, or names a scheme that could run code
 */
export function parseLinkTemplate(text: string): LinkTemplate | undefined {
  if (text.length > 1000 || !form.test(text) || unsafe.test(text)) return undefined;
  const [, before = ''] = /^[^:]+:\/\/[^/?]*\/?([^?]*)\{path\}/.exec(text) ?? [];
  const isRelative = before !== '' || !text.slice(0, text.indexOf('{path}')).includes('/', text.indexOf('//') + 2);
  return { text, paths: isRelative && !text.includes('?') ? 'relative' : 'absolute' };
}

/**
 * @param base the command's working directory, where viewers may know it
 * @returns undefined for a path that the template has no use for: a relative one where nobody says what it is relative
 *   to, one from outside of the directory
 */
export function hrefOf(template: LinkTemplate, place: FilePlace, base: string | undefined): string | undefined {
  const path = pathFor(template.paths, place.path.replaceAll('\\', '/'), base);
  // Half a character has no encoding.
  if (path === undefined || /\p{Surrogate}/u.test(path)) return undefined;
  const before = template.text.slice(0, template.text.indexOf('{path}'));
  // `vscode://file//home/me` and `vscode://file/home/me` are the same to an editor, and not to every server.
  const inPlace = before.endsWith('/') ? path.replace(/^\//, '') : path;
  return template.text
    .replace('{path}', () =>
      inPlace
        .split('/')
        .map(encodeURIComponent)
        .join('/')
        .replace(/^([A-Za-z])%3A/, '$1:'),
    )
    .replaceAll('{line}', String(place.line))
    .replaceAll('{column}', String(place.column ?? 1));
}

function pathFor(wanted: LinkTemplate['paths'], path: string, base: string | undefined): string | undefined {
  const root = base === undefined ? undefined : withoutDots(base.replaceAll('\\', '/'));
  if (isAbsolute(path)) {
    const clean = withoutDots(path);
    if (wanted === 'absolute' || clean === undefined) return clean;
    return root !== undefined && clean.startsWith(`${root}/`) ? clean.slice(root.length + 1) : undefined;
  }
  if (wanted === 'relative') return withoutDots(path);
  return root === undefined ? undefined : withoutDots(`${root}/${path}`);
}

function isAbsolute(path: string): boolean {
  return /^(?:\/|[A-Za-z]:\/)/.test(path);
}

/** Without `.`, `..` and empty parts; undefined for what leads out of where it begins. */
function withoutDots(path: string): string | undefined {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..' && parts.pop() === undefined) return undefined;
    if (part !== '' && part !== '.' && part !== '..') parts.push(part);
  }
  return `${path.startsWith('/') ? '/' : ''}${parts.join('/')}`;
}
