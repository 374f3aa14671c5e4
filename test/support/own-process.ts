import { readdirSync, readFileSync } from 'node:fs';

/** What changes clocks, modules or globals, and what measures its process: times, memory, descriptors. */
const aboutTheProcess = [
  /^import \{[^}]*\bvi\b[^}]*\} from 'vitest'/m,
  /^import .*\/(?:growth|memory)\.ts'/m,
  /\bmemoryUsage\b|\bcpuUsage\b|\bsetFlagsFromString\b|\/proc\/self\b/,
];

/** Paths of the tests in a directory that need a process of their own, and of those that can share one. */
export function byProcess(directory: string): { alone: string[]; shared: string[] } {
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => `${directory}/${path.split('\\').join('/')}`);
  const alone = paths.filter((path) => {
    const text = readFileSync(path, 'utf8');
    return aboutTheProcess.some((sign) => sign.test(text));
  });
  return { alone, shared: paths.filter((path) => !alone.includes(path)) };
}
