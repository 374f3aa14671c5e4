// How the bundle gets at Node's own modules. An import statement has Node read every property of the module, to make a
// namespace of it: that of node:crypto alone loads WebCrypto and all its kinds of keys. `process.getBuiltinModule` does
// not, and what a start does not call it need not load at all.
import { builtinModules } from 'node:module';

/** Loaded where one of their functions is first called; their exports are looked up again each time. */
const late = new Set(['crypto', 'worker_threads', 'inspector', 'perf_hooks', 'dns', 'https', 'tls', 'readline']);

const virtual = '\0late:';

/** A plugin of rolldown. */
export const builtins = {
  name: 'builtins',
  resolveId(id) {
    const name = nameOf(id);
    return late.has(name) ? `${virtual}${name}` : undefined;
  },
  async load(id) {
    if (!id.startsWith(virtual)) return undefined;
    const name = id.slice(virtual.length);
    // Not its properties' values, which would load what they belong to.
    const properties = Object.keys(process.getBuiltinModule(name));
    return `
      let loaded;
      for (const name of ${JSON.stringify(properties)}) {
        Object.defineProperty(exports, name, {
          enumerable: true,
          get: () => (loaded ??= process.getBuiltinModule('node:${name}'))[name],
        });
      }`;
  },
  renderChunk(code) {
    return code
      .replaceAll(/^import \{ ([^}]*) \} from "node:([\w/]+)";$/gm, (_, names, from) => {
        return `const { ${names.replaceAll(' as ', ': ')} } = process.getBuiltinModule("node:${from}");`;
      })
      .replaceAll(/^import \* as ([\w$]+) from "node:([\w/]+)";$/gm, 'const $1 = process.getBuiltinModule("node:$2");')
      .replaceAll(/^import ([\w$]+) from "node:([\w/]+)";$/gm, 'const $1 = process.getBuiltinModule("node:$2");')
      .replaceAll(/^import ([\w$]+), \{ ([^}]*) \} from "node:([\w/]+)";$/gm, (_, whole, names, from) => {
        return `const ${whole} = process.getBuiltinModule("node:${from}"), { ${names.replaceAll(' as ', ': ')} } = ${whole};`;
      });
  },
};

/**
 * `performance.now()` without what else belongs to `performance`: Node loads six modules for that once it is named.
 * Where it counts from is of no importance to differences.
 */
export const clock = {
  inject: { 'performance.now': ['\0clock', 'now'] },
  plugin: {
    name: 'clock',
    resolveId: (id) => (id === '\0clock' ? id : undefined),
    load: (id) =>
      id === '\0clock'
        ? `const { hrtime } = process;
           export function now() { const [seconds, nanoseconds] = hrtime(); return seconds * 1e3 + nanoseconds / 1e6; }`
        : undefined,
  },
};

function nameOf(id) {
  const name = id.replace(/^node:/, '');
  return builtinModules.includes(name) ? name : undefined;
}
