import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Below the packages that a bundle imports, and out of git's sight. */
const directory = join(root, 'node_modules/.cache/bundled');
const paths = new Map<string, Promise<string>>();

/**
 * A TypeScript file of this project with all that it imports, as one file of JavaScript: a process that is started with
 * it is there in a tenth of the time that tsx takes to translate its modules one by one.
 *
 * @param source the URL of the TypeScript file
 * @returns the path of the JavaScript file
 * @throws Error when it does not compile
 */
export function bundled(source: URL): Promise<string> {
  let path = paths.get(source.href);
  if (path === undefined) {
    path = bundle(fileURLToPath(source));
    paths.set(source.href, path);
  }
  return path;
}

async function bundle(source: string): Promise<string> {
  const { output } = await build({
    input: source,
    platform: 'node',
    external: /^[^./]/,
    write: false,
    output: { codeSplitting: false },
  });
  await mkdir(directory, { recursive: true });
  const path = join(directory, `${relative(root, source).replace(/\W/g, '-')}.mjs`);
  // Other test files bundle it at the same time, and start it.
  const own = `${path}.${process.pid}`;
  await writeFile(own, output[0].code);
  await rename(own, path);
  return path;
}
