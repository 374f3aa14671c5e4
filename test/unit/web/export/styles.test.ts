import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const stylesIn = (path: string, pattern: RegExp) =>
  [...readFileSync(path, 'utf8').matchAll(pattern)].map(([, name]) => name);

it('an exported log has all style sheets of the page', () => {
  const ofPage = stylesIn('web/index.html', /href="\.\/styles\/([\w-]+\.css)"/g);
  expect(ofPage.length).toBeGreaterThan(3);
  expect(stylesIn('web/export/main.tsx', /import '\.\.\/styles\/([\w-]+\.css)'/g)).toEqual(ofPage);
});
