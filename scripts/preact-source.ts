import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Plugin } from 'vite';

type Edit = readonly [pattern: RegExp, instead: string];

/** A whole statement that begins so, up to the brace that closes it at the same depth. */
const block = (begin: string): Edit => [new RegExp(`^(\\t*)${begin}.*?^\\1\\}(?=;?$)`, 'ms'), ''];
const without = (pattern: RegExp): Edit => [pattern, ''];

/** What many functions pass on and the pages never need: the parameters go, and the rest is as if they were absent. */
const neverHydrated: readonly Edit[] = [
  without(/^\t+isHydrating,$/gm),
  without(/^\t+excessDomChildren,$/gm),
  [/\bisHydrating\b/g, 'false'],
  [/\bexcessDomChildren\b/g, 'NULL'],
];

/**
 * What the pages don't use: classes and their life cycles, contexts, error boundaries, portals, Suspense, hydration and
 * taking over what a container holds, `dangerouslySetInnerHTML`, functions as refs, MathML, and hooks of its add-ons.
 */
const edits: Readonly<Record<string, readonly Edit[]>> = {
  'diff/index.js': [
    block('if \\(\\n\\t*oldVNode\\._flags & MODE_SUSPENDED'),
    [/(?<=const isClassComponent = ).*(?=;$)/m, 'false'],
    [/tmp = newType\.contextType;.*?: globalContext;/s, 'const provider = false, componentContext = globalContext;'],
    block('if \\(c\\._bits & COMPONENT_PENDING_ERROR\\)'),
    block('if \\(c\\._bits & COMPONENT_PROCESSING_EXCEPTION\\)'),
    block('if \\(c\\.componentWillUpdate\\)'),
    block('if \\(c\\.getChildContext\\)'),
    block('if \\(newProps\\._parentDom\\)'),
    block('if \\(newProps\\._parentDom\\)'),
    without(/newVNode\._flags &= RESET_MODE;/),
    without(/if \(resumed\) .*;/),
    [/^(\t*)if \(isHydrating \|\| excessDomChildren\) \{.*?^\1\} else (?=\{)/ms, ''],
    [/if \(!\(e && e\.then\)\) (?=markAsForce)/, ''],
    without(/else if \(nodeType == 'math'\) .*;/),
    block("if \\(\\n\\t*nodeType == 'foreignObject'"),
    [/parentDom\.ownerDocument \|\| (?=document)/, ''],
    without(/,\s+newProps\.is \? newProps : parentDom/),
    block('if \\(isHydrating\\)'),
    without(/^\t+excessDomChildren = NULL;$/m),
    without(/^\t+excessDomChildren =\n.*?;$/ms),
    without(/\(nodeType == 'template' && dom\.content\) \|\| /),
    without(/if \(i == 'dangerouslySetInnerHTML'\) \{\s+oldHtml = value;\s+\} else /),
    without(/if \(i == 'dangerouslySetInnerHTML'\) \{\s+newHtml = value;\s+\} else /),
    [/let newHtml;/, 'const newHtml = false;'],
    [/let oldHtml;/, 'const oldHtml = false;'],
    without(/ &&\s+!\(i == 'value' && .*\) &&\s+!\(i == 'checked' && .*\)(?=\s+\))/),
    [/(?<=export function applyRef\(ref, value).*?^\}/ms, ') { ref.current = value; }'],
    block('if \\(r\\.componentWillUnmount\\)'),
    [/skipRemove && !vnode\.props\._parentDom/, 'skipRemove'],
    block('if \\(\\n\\t*!skipRemove &&'),
    ...neverHydrated,
  ],
  'diff/children.js': [
    without(/ \|\| oldVNode\._flags & REF_DETACHED/),
    without(/ \|\|\s+childVNode\.constructor === String/),
    without(/if \(parentVNode\.props\._parentDom\) .*;/),
    block('if \\(oldDom && !oldDom\\.parentNode\\)'),
    without(/while \(next && next\.nodeType == 8\) .*;/),
    [/^\twhile \(\n\t\t\(oldDom = .*?\);$/ms, 'oldDom = oldDom.nextSibling;'],
    ...neverHydrated.slice(0, 2),
  ],
  'diff/catch-error.js': [[/(?<=export function _catchError\(error).*(?=resetRenderCount\(\);)/s, ') {\n']],
  'diff/props.js': [
    without(/name = name\.replace\(\/xlink.*;/),
    without(/useCapture = .*;/),
    [/options\.event \? options\.event\(e\) : /, ''],
  ],
  'component.js': [
    block('if \\(typeof update == .function.\\)'),
    block('if \\(callback\\)'),
    block('BaseComponent\\.prototype\\.forceUpdate = '),
    without(/BaseComponent\.prototype\.render = .*;/),
    [/ && !vnode\.props\._parentDom/g, ''],
    without(/if \(options\.vnode\) .*;/),
    without(/oldVNode\._flags & MODE_HYDRATE \? .*,/),
    without(/oldVNode\._flags & MODE_HYDRATE,/),
    without(/ \|\|\s+prevDebounce != options\.debounceRendering/),
    without(/prevDebounce = options\.debounceRendering;/),
    [/\(prevDebounce \|\| queueMicrotask\)/g, 'queueMicrotask'],
  ],
  'create-element.js': [without(/if \(!original && options\.vnode\) .*;/)],
  'render.js': [
    without(/if \(options\._root\) .*;/),
    block('if \\(parentDom\\.nodeType == 9\\)'),
    without(/let isHydrating = .*;/),
    without(/isHydrating \? NULL : /),
    without(/^\t+oldVNode\n\t+\? NULL\n.*?: NULL,$/ms),
    without(/^\t+isHydrating,$/m),
  ],
  'hooks/src/index.js': [
    without(/^let old\w+ = options\.\w+;$/gm),
    without(/if \(old\w+\) old\w+\(.*\);/g),
    block('options\\._root = '),
    block('if \\(options\\._hook\\)'),
    without(/^\tcurrentHook = \d;$/gm),
    without(/!options\._skipEffects && /g),
    without(/const prevScu = .*;/),
    block('if \\(prevScu\\)'),
    block('if \\(errorParent === undefined\\)'),
    [/(?<=HAS_RAF = ).*(?=;)/, 'true'],
    without(/ \|\| prevRaf != options\.requestAnimationFrame/),
    without(/prevRaf = options\.requestAnimationFrame;/),
    [/\(prevRaf \|\| (afterNextFrame)\)/, '$1'],
  ],
};

/**
 * Builds Preact from its source, without what the pages don't use. That is a third of it, and of its first script 4 KB:
 * whatever a class may have is asked for by name, so no bundler can know that nothing has it.
 * Its modules import each other in circles, which a bundle without split code (an export) runs in another order.
 */
export function preactSource(): Plugin {
  const root = dirname(createRequire(import.meta.url).resolve('preact/package.json'));
  const sources = join(root, 'src');
  const own = shortNames([sources, join(root, 'hooks/src')]);
  return {
    name: 'preact-source',
    config: () => ({
      resolve: {
        alias: [
          { find: /^preact$/, replacement: join(sources, 'index.js') },
          { find: /^preact\/hooks$/, replacement: join(root, 'hooks/src/index.js') },
        ],
      },
    }),
    transform: {
      order: 'pre',
      filter: { id: /[\\/]preact[\\/](?:hooks[\\/])?src[\\/]/ },
      handler(code, id) {
        const [, name = ''] = /\/preact\/(?:src\/)?(.*)$/.exec(id.replaceAll('\\', '/')) ?? [];
        return (edits[name] ?? [])
          .reduce((code, [pattern, instead]) => {
            const changed = code.replace(pattern, instead);
            if (changed === code) throw new Error(`The source of Preact lacks ${pattern}: has its release changed?`);
            return changed;
          }, code)
          .replace(privateName, (name) => own.get(name) ?? name);
      },
    },
  };
}

/** Properties that only Preact knows, which are short in what is published of it. */
const privateName = /\b__?(?!html\b)[a-z]\w*/gi;

function shortNames(directories: readonly string[]): Map<string, string> {
  const names = new Set<string>();
  for (const directory of directories) {
    for (const file of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.js')) continue;
      for (const [name] of readFileSync(join(directory, file), 'utf8').matchAll(privateName)) names.add(name);
    }
  }
  return new Map([...names].sort().map((name, at) => [name, `__${at.toString(36)}`]));
}
