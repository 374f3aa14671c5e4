import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

const text = ['agent/text/escapes', 'agent/text/row', 'agent/text/time', 'agent/text'];
const ground = ['agent/words', 'agent/system'];
const files = ['agent/sources/file/find', 'agent/sources/file/open', 'agent/sources/file/follow'];
const contracts = [...ground, 'agent/journal'];
const segments = [...contracts, 'agent/frame', 'agent/journal/disk/segment'];
const cluster = ['agent/journal/nats/message', 'agent/journal/nats/cluster'];
const server = [...contracts, ...text, 'agent/frame', 'agent/server/answers'];
const finding = [
  'agent/finding/pattern',
  'agent/finding/visible',
  'agent/finding/records',
  'agent/finding',
  'agent/finding/lines',
  'agent/finding/chunks',
  'agent/finding/survey',
  'agent/finding/thread',
];
const drawing = ['agent/text/color', 'agent/text/cells', 'agent/text/drawing'];
const page = ['agent/words', 'agent/frame', 'agent/text/escapes', 'agent/text/row', ...drawing];
const webFinding = [
  ...page,
  ...['agent/text/time', 'agent/text', 'web/text', 'web/lines', 'web/stream', 'web/history', 'web/list'],
];

/** What each directory may import beside itself: the ground first, and only from what stands before it. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'agent/words': [],
  'agent/system/startup': [],
  'agent/system': ['agent/words'],

  'agent/text/escapes': ground,
  'agent/text/row': [...ground, 'agent/text/escapes'],
  'agent/text/time': ground,
  'agent/text': [...ground, 'agent/text/escapes', 'agent/text/row', 'agent/text/time'],
  'agent/text/lines': [...ground, 'agent/text/escapes', 'agent/text/row'],
  'agent/text/color': [...ground, 'agent/text/escapes'],
  'agent/text/cells': [...ground, 'agent/text/row', 'agent/text/color'],
  'agent/text/drawing': [...ground, ...text, ...drawing.slice(0, 2)],
  'agent/text/redact': [...ground, ...text, 'agent/text/lines'],
  'agent/text/screen': [...ground, ...text, 'agent/text/lines'],
  'agent/frame': [...ground, ...text],

  'agent/sources': ground,
  'agent/sources/command/signals': ground,
  'agent/sources/command/launch': [...ground, 'agent/sources', 'agent/sources/command/signals'],
  'agent/sources/command/pipes': [
    ...ground,
    'agent/sources',
    'agent/sources/command/launch',
    'agent/sources/command/signals',
  ],
  'agent/sources/command/pty': [
    ...ground,
    'agent/sources',
    'agent/sources/command/launch',
    'agent/sources/command/signals',
  ],
  'agent/sources/command': [
    ...ground,
    'agent/sources',
    ...['signals', 'launch', 'pipes', 'pty'].map((room) => `agent/sources/command/${room}`),
  ],
  'agent/sources/file/find': [...ground, 'agent/sources'],
  'agent/sources/file/open': [...ground, 'agent/sources', ...files.slice(0, 1)],
  'agent/sources/file/follow': [...ground, 'agent/sources', ...files.slice(0, 2)],
  'agent/sources/file/watch': [...ground, 'agent/sources', ...files],
  'agent/sources/file': [...ground, 'agent/sources', ...files, 'agent/sources/file/watch'],

  'agent/journal': [...ground, 'agent/frame'],
  'agent/journal/disk/segment': [...contracts, 'agent/frame'],
  'agent/journal/disk/read': segments,
  'agent/journal/disk/write': [...segments, 'agent/journal/disk/read'],
  'agent/journal/disk/logs': [...segments, 'agent/journal/disk/read', 'agent/journal/disk/write'],
  'agent/journal/nats/message': ground,
  'agent/journal/nats/cluster': [...ground, 'agent/journal/nats/message'],
  'agent/journal/nats/read': [...contracts, 'agent/frame', ...cluster],
  'agent/journal/nats': [...contracts, 'agent/frame', ...cluster, 'agent/journal/nats/read'],
  'agent/journal/nats/logs': [...contracts, ...cluster, 'agent/journal/nats/read', 'agent/journal/nats'],
  'agent/journal/nats/publish': [
    ...contracts,
    ...['agent/frame', ...cluster, 'agent/journal/nats/read', 'agent/journal/nats', 'agent/journal/nats/logs'],
  ],

  'agent/recorder': [
    ...contracts,
    ...text,
    'agent/text/lines',
    'agent/text/redact',
    'agent/text/screen',
    'agent/frame',
    'agent/sources', // its contract
  ],
  'agent/finding/pattern': [...ground, ...text],
  'agent/finding/visible': [...ground, ...text],
  'agent/finding/records': [...contracts, ...text, 'agent/frame', 'agent/finding/visible'],
  'agent/finding': [
    ...[...contracts, ...text, 'agent/frame'],
    ...['agent/finding/pattern', 'agent/finding/visible', 'agent/finding/records'],
  ],
  'agent/finding/lines': [
    ...[...contracts, ...text, 'agent/frame'],
    ...['agent/finding', 'agent/finding/visible', 'agent/finding/records'],
  ],
  'agent/finding/chunks': [
    ...[...contracts, ...text, 'agent/frame'],
    ...['agent/finding', 'agent/finding/records', 'agent/finding/lines'],
  ],
  'agent/finding/survey': [
    ...contracts,
    ...text,
    ...['agent/frame', 'agent/finding', 'agent/finding/records', 'agent/finding/lines', 'agent/finding/chunks'],
  ],
  'agent/finding/thread': [
    ...contracts,
    ...text,
    ...['agent/frame', 'agent/finding', 'agent/finding/chunks', 'agent/finding/survey'],
    ...['agent/journal/disk/segment', 'agent/journal/disk/read'],
  ],

  'agent/export': [
    ...contracts,
    ...text,
    ...['agent/frame', 'agent/finding/records', 'agent/finding', 'agent/finding/visible', 'agent/finding/chunks'],
  ],

  'agent/server/answers': ground,
  'agent/server/net': [...ground, 'agent/server/answers'],
  'agent/server/guard': [...ground, 'agent/server/answers', 'agent/server/net'],
  'agent/server/limits': [...ground, 'agent/server/net', 'agent/finding/pattern'],
  'agent/server/encoding': [...ground, 'agent/server/net'],
  'agent/server/socket': [...contracts, 'agent/frame', 'agent/server/encoding'],
  'agent/server/stream': [...server, 'agent/server/socket'],
  'agent/server/resources/query': [
    ...server,
    ...['agent/server/limits', 'agent/server/stream', 'agent/finding/pattern', 'agent/finding'],
  ],
  'agent/server/resources/formats': [
    ...server,
    'agent/finding/records',
    ...['socket', 'stream', 'resources/query'].map((room) => `agent/server/${room}`),
  ],
  'agent/server/resources/search': [
    ...server,
    ...['agent/server/socket', 'agent/server/stream'],
    ...['agent/finding/records', 'agent/finding', 'agent/finding/thread'],
  ],
  'agent/server/resources': [
    ...server,
    ...['net', 'limits', 'encoding', 'socket', 'stream'].map((room) => `agent/server/${room}`),
    ...['query', 'formats', 'search'].map((room) => `agent/server/resources/${room}`),
    ...finding,
    'agent/export',
    'agent/text/drawing', // the first rows of a page
  ],
  'agent/server': [
    ...server,
    ...['encoding', 'limits', 'socket', 'stream', 'resources', 'resources/query', 'net', 'guard'].map(
      (room) => `agent/server/${room}`,
    ),
    ...finding,
  ],

  // Pure functions: what a line says its level and its time are.
  'web/text': [...page, 'agent/text/time', 'agent/text'],
  'web/lines': [...page, 'web/text'],
  'web/stream': [...page, 'web/text', 'web/lines'],
  'web/stream/sharing': [...page, 'web/text', 'web/stream'],
  'web/history': [...page, 'web/text', 'web/lines', 'web/stream'],
  'web/list': [...page, 'web/text', 'web/lines', 'web/stream', 'web/history'],
  'web/input': [...page, 'web/text', 'web/lines', 'web/stream', 'web/history', 'web/list'],
  'web/finding': webFinding,
  'web/finding/folds': [...webFinding, 'web/finding'],
  'web/reading': [
    ...page,
    'agent/text/time',
    'agent/text',
    'web/text',
    'web/lines',
    'web/stream',
    'web/history',
    'web/list',
  ],
  'web/backend': [
    ...page,
    ...['text', 'lines', 'stream', 'stream/sharing', 'history', 'list', 'finding'].map((room) => `web/${room}`),
  ],
};

/** These put the parts together: each may import everything but what is named here. */
const mayNotImport: Readonly<Record<string, RegExp>> = {
  agent: /^web|^agent\/cli/,
  'agent/cli': /^web/,
  'agent/cli/options': /^web|^agent\/cli\/(help|logs)/,
  'agent/cli/help': /^web|^agent\/cli\/logs/,
  'agent/cli/logs': /^web|^agent\/cli\/help/,
  web: /^agent\/(?!words|frame|text\/(?:escapes|row|color|cells|drawing))/,
  // With what the file's page does by itself that otherwise the agent does.
  'web/export': /^agent\/(?!words|frame|text)|^web\/(app|chrome|panels|logs)/,
  'web/app': /^agent\/(?!words|frame|text\/(?:escapes|row|color|cells|drawing))|^web\/(chrome|logs)/,
  'web/app/keys': /^agent\/|^web\/(chrome|logs)/,
  'web/app/structure': /^agent\/(?!words)|^web\/(chrome|logs)/,
  'web/app/tab': /^agent\/(?!words|frame|text\/(?:escapes|row|color|cells|drawing))|^web\/(chrome|logs)/,
  'web/chrome': /^agent\/(?!words|frame|text\/(?:escapes|row|color|cells|drawing))|^web\/logs/,
  'web/panels/finding': /^agent\/(?!words|frame|text\/(?:escapes|row|color|cells|drawing))|^web\/logs/,
  'web/panels': /^agent\/(?!words|frame|text\/(?:escapes|row|color|cells|drawing))|^web\/logs/,
  'web/several': /^agent\/(?!words|frame|text\/(?:escapes|row|color|cells|drawing))/,
  'web/logs': /^agent\/(?!words|frame|text\/(?:escapes|row|color|cells|drawing))/,
};

/** Arrows that still point the wrong way. The list only gets shorter. */
const stillToTurn: readonly string[] = [];

/** Everything a file of the project imports from the project, as paths from its root. */
function importsOf(file: string): string[] {
  const code = readFileSync(join(root, file), 'utf8');
  const specifiers = [...code.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => match[1] as string);
  return specifiers.map((specifier) => relative(root, join(root, dirname(file), specifier)));
}

const codeFiles = ['agent', 'web'].flatMap((directory) =>
  readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.includes('node_modules'))
    .map((name) => join(directory, name)),
);

function isAllowed(file: string, target: string): boolean {
  const [from, to] = [dirname(file), dirname(target)];
  if (from === to || file === 'agent/main.ts') return true;
  // Every text that a reader of the page sees; it imports nothing but types.
  if (/^web\/(late-)?words\.ts$/.test(target)) return from.startsWith('web');
  const refused = mayNotImport[from];
  return refused === undefined ? mayImport[from]?.includes(to) === true : !refused.test(to);
}

describe('imports run one way', () => {
  it('as the table says', () => {
    const stray = codeFiles.flatMap((file) =>
      importsOf(file)
        .filter((target) => !isAllowed(file, target))
        .map((target) => `${file} -> ${target}`),
    );
    expect(stray.sort()).toEqual(stillToTurn);
  });

  it('and every directory stands in the table', () => {
    const missing = new Set(codeFiles.map((file) => dirname(file)));
    for (const known of [...Object.keys(mayImport), ...Object.keys(mayNotImport)]) missing.delete(known);
    expect([...missing]).toEqual([]);
  });
});

describe('no directory is a heap', () => {
  it('of more than twelve files', () => {
    const counts = new Map<string, number>();
    for (const file of codeFiles) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
    expect([...counts].filter(([, count]) => count > 12)).toEqual([]);
  });
});

describe('the bytes of an event', () => {
  it('are known to agent/frame alone', () => {
    const literals =
      /event: (origin|hello|partial|status|gap|skip|reset|progress|ping)|\\nid: |['"`]id: |['"`\\n]data: /;
    const knowing = codeFiles.filter(
      (file) => !file.startsWith('agent/frame/') && literals.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(knowing).toEqual([]);
  });
});

describe('what costs time and memory', () => {
  /** What is loaded with a file. Type imports are gone when it runs, and `import()` comes when it is needed. */
  function loadedWith(...files: string[]): { packages: Set<string>; modules: Set<string> } {
    const packages = new Set<string>();
    const modules = new Set<string>();
    const visit = (file: string): void => {
      if (modules.has(file)) return;
      modules.add(file);
      const text = readFileSync(join(root, file), 'utf8');
      for (const [, specifier = ''] of text.matchAll(/^(?:import|export) (?!type )[^;]*?'([^']+)';$/gms)) {
        if (specifier.startsWith('.')) visit(join(dirname(file), specifier));
        else packages.add(specifier);
      }
    };
    for (const file of files) visit(file);
    return { packages, modules };
  }

  const start = ['agent/cli/run.ts', 'agent/cli/stream.ts'];

  it.each([
    ['follows files', 'agent/sources/file/file.ts', 'picomatch'],
    ['runs a command', 'agent/sources/command/command.ts', 'ipaddr.js'],
    ['reads standard input', 'agent/sources/stdin.ts', 'ipaddr.js'],
  ])('is not loaded by an agent that %s, until it is needed', (_, source, needed) => {
    const { packages } = loadedWith(...start, source);
    expect(packages).toContain(needed);
    for (const late of ['express', 'helmet', 'execa', 'chokidar', 'prom-client', 're2js', 'open']) {
      expect(packages).not.toContain(late);
    }
  });

  it('is loaded by the first request: routes and searching', () => {
    const late = ['agent/server/routes.ts', 'agent/finding/thread/finder.ts'];
    const { modules } = loadedWith(...start);
    for (const module of late) expect(modules).not.toContain(module);
    const { packages, modules: ofApp } = loadedWith('agent/server/app.ts');
    expect(packages).toContain('express');
    for (const module of late) expect(ofApp).toContain(module);
  });

  it('is not loaded by a subcommand: what answers requests', () => {
    const { packages } = loadedWith('agent/cli/run.ts', 'agent/cli/logs/list.ts', 'agent/cli/logs/cat.ts');
    expect(packages).not.toContain('express');
  });
});

describe('no circles', () => {
  it('among the files of agent and web', () => {
    const circles: string[] = [];
    const done = new Set<string>();
    const visit = (file: string, path: string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      if (done.has(file) || path.includes(file)) return;
      for (const target of importsOf(file).filter((name) => /\.tsx?$/.test(name))) visit(target, [...path, file]);
      done.add(file);
    };
    for (const file of codeFiles) visit(file, []);
    expect(circles).toEqual([]);
  });
});
