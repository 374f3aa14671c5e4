import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const web = fileURLToPath(new URL('../../web/', import.meta.url));

/** What scripts/preact-source.ts leaves out of Preact would do nothing on the pages, without a word. */
it('the pages use nothing of Preact that its build for them leaves out', () => {
  const imported = new Set<string>();
  const leftOut =
    /\bdangerouslySetInnerHTML|\bdefault(?:Value|Checked)=|\bcontextType\b|\bextends (?:Pure)?Component\b|\bref=\{\(|\bon\w+Capture=|<(?:template|math|textarea|foreignObject)\b|\bclassName=|\bxlink|\bstyle=(?!\{\{)|(?<![\w-])(?:colSpan|form|list|rowSpan)=/;
  for (const path of readdirSync(web, { recursive: true, encoding: 'utf8' })) {
    if (!/\.tsx?$/.test(path)) continue;
    const text = readFileSync(join(web, path), 'utf8');
    if (path.endsWith('.tsx')) expect(leftOut.exec(text)?.[0], path).toBeUndefined();
    for (const [, names = ''] of text.matchAll(/^import \{([^}]+)\} from 'preact(?:\/hooks)?';$/gm))
      for (const name of names.split(',')) imported.add(name.trim());
  }
  expect([...imported].sort()).toEqual(['render', 'useEffect', 'useLayoutEffect', 'useMemo', 'useRef', 'useState']);
});
