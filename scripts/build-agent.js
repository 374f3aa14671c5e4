// Bundles the program, the library and the thread that searches into a few files: a start compiles 0.6 MB of
// JavaScript in them instead of looking up and reading 500 files. Packages are built in, with their licenses beside
// them; what is not is a dependency in package.json.
import { chmodSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import { builtins, clock } from './builtins.js';
import { withoutFacades } from './facades.js';

const root = fileURLToPath(new URL('../', import.meta.url));
const dist = join(root, 'dist', 'agent');
const { dependencies, optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const without = (name) => join(root, 'scripts', 'without', `${name}.cjs`);

/**
 * What is needed at the same moment is one file: each one costs a millisecond. A module belongs to the first part among
 * whose roots' static imports it is; what no part has the bundler splits as it sees fit.
 */
const parts = [
  // Before anything else, and by itself: see agent/main.ts.
  {
    name: 'ground',
    roots: [
      ...['system/inherited.ts', 'system/tee.ts', 'words/errors.ts', 'cache-directory.ts'],
      'system/startup/engine.ts',
    ],
  },
  { name: 'command-line', roots: ['cli/run.ts'] },
  { name: 'core', roots: ['cli/stream.ts', 'cli/serve.ts', 'sources/file/file.ts', 'sources/stdin.ts'] },
  { name: 'commands', roots: ['sources/command/pipes/piped-command.ts', 'sources/command/pty/pty-command.ts'] },
  { name: 'app', roots: ['server/app.ts'] },
  { name: 'finding', roots: ['finding/search.ts', 'finding/survey/requests.ts'] },
];

/** The media types that sse-tail sends or is asked for, of 2,500 that Express would sort at its start. */
const extensions = new Set(['html', 'js', 'css', 'json', 'txt', 'csv', 'svg', 'png', 'ico', 'map']);
const fewMediaTypes = {
  name: 'few-media-types',
  transform(code, id) {
    if (!id.endsWith('/mime-db/db.json')) return undefined;
    const known = Object.entries(JSON.parse(code)).filter(([, type]) =>
      type.extensions?.some((e) => extensions.has(e)),
    );
    return { code: JSON.stringify(Object.fromEntries(known)) };
  },
};

const output = [
  ...(await bundle(
    { main: 'agent/main.ts', agent: 'agent/agent.ts' },
    { includeDependenciesRecursively: false, groups: parts.map(groupOf) },
  )),
  // Of its own: it would load three times as much of what the program shares, in a quarter of a second.
  ...(await bundle({ 'search-thread': 'agent/finding/thread/search-thread.ts' })),
];

async function bundle(input, codeSplitting) {
  const { output } = await build({
    cwd: root,
    input,
    platform: 'node',
    transform: { inject: clock.inject },
    external: Object.keys({ ...dependencies, ...optionalDependencies }),
    resolve: {
      // Half of the time that Express takes to load goes to packages of which sse-tail needs nothing, and ansi-to-html
      // loads the names of all entities.
      alias: {
        ...{ 'body-parser': without('body-parser'), qs: without('qs'), debug: without('debug') },
        entities: join(root, 'agent', 'text', 'color', 'encode-xml.ts'),
      },
    },
    plugins: [builtins, clock.plugin, fewMediaTypes, withoutFacades],
    preserveEntrySignatures: 'allow-extension',
    checks: { ineffectiveDynamicImport: false },
    output: {
      dir: dist,
      codeSplitting,
      format: 'esm',
      // All in one directory: a worker's file is found beside whichever file starts it.
      entryFileNames: '[name].js',
      chunkFileNames: '[name]-[hash].js',
      comments: false,
      minify: true,
    },
  });
  return output;
}

// A running sse-tail may be what builds this (`npx sse-tail -- npm run build`): files are removed once the new ones
// are there, and those that have not changed stay.
const current = new Set(output.map(({ fileName }) => fileName));
for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath, entry.name);
  if (entry.isFile() && entry.name.endsWith('.js') && !current.has(relative(dist, path))) rmSync(path);
}

// `npm link` and a path to it need the executable bit.
chmodSync(join(dist, 'main.js'), 0o755);

const modules = output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []));
const packages = [...new Set(modules.map(packageOf).filter((directory) => directory !== undefined))].sort();
writeFileSync(join(dist, 'licenses.txt'), packages.map(licenseOf).join('\n\n---\n\n'));

function groupOf({ name, roots }, at) {
  let members;
  return {
    debugName: name,
    name(id, chunks) {
      members ??= withImports(
        roots.map((path) => join(root, 'agent', path)),
        (module) => chunks.getModuleInfo(module),
      );
      return members.has(id) ? name : undefined;
    },
    priority: parts.length - at,
  };
}

/** The modules and all that they import statically. */
function withImports(modules, infoOf, known = new Set()) {
  for (const module of modules) {
    if (known.has(module)) continue;
    known.add(module);
    withImports(infoOf(module)?.importedIds ?? [], infoOf, known);
  }
  return known;
}

/** The directory of the package that a module belongs to; undefined for sse-tail's own. */
function packageOf(module) {
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(module.split('\\').join('/'))?.[0];
}

function licenseOf(directory) {
  const { name, version, license } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  const file = readdirSync(directory).find((entry) => /^licen[cs]e(\.(md|txt))?$/i.test(entry));
  const text = file === undefined ? '' : `\n\n${readFileSync(join(directory, file), 'utf8').trim()}`;
  return `${name} ${version} (${license})${text}`;
}
