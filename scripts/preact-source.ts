import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import type { Plugin } from 'vite';
import { writeKnownValues } from './known-values.ts';

/**
 * What is undefined on the pages, or false, or never run: they have no classes with life cycles, contexts, error
 * boundaries, portals, Suspense, hydration, `dangerouslySetInnerHTML`, functions as refs, styles as texts, MathML, and
 * none of the hooks that Preact has for its add-ons (test/unit/preact-source.test.ts).
 */
const never = [
  // Classes, and what they may have.
  '(tmp = newType.prototype) && tmp.render',
  'c.componentWillUpdate',
  'r.componentWillUnmount',
  'BaseComponent.prototype.forceUpdate',
  'BaseComponent.prototype.render',
  "typeof update == 'function'",
  'this._stateCallbacks.push(callback)',
  'prevScu',
  // Contexts.
  'tmp = newType.contextType',
  'tmp && globalContext[tmp._id]',
  'c.getChildContext',
  'globalContext',
  'componentContext',
  'c._globalContext',
  'r._globalContext',
  'c.context',
  'this.context',
  // Error boundaries, and what is thrown at them.
  '(component = vnode._component) && !(component._bits & COMPONENT_PROCESSING_EXCEPTION)',
  'c._bits & COMPONENT_PENDING_ERROR',
  'c._bits & COMPONENT_PROCESSING_EXCEPTION',
  'errorParent',
  's._passive = errorParent',
  'component._passive',
  // Portals.
  'newProps._parentDom',
  'parentVNode.props._parentDom',
  'vnode.props._parentDom',
  // Suspense.
  'oldVNode._flags & MODE_SUSPENDED',
  'oldVNode._flags & REF_DETACHED',
  'newVNode._flags &= RESET_MODE',
  'resumed',
  'e && e.then',
  '!skipRemove && (r = vnode._component) && (r = r._excess) && (end = rangeEnd(r, (nodes = [])))',
  // Hydration: nothing is in a container before, and comments nowhere.
  'isHydrating',
  'excessDomChildren',
  'next && next.nodeType == 8',
  'parentDom.nodeType == 9',
  // Elements that nothing else than Preact removes.
  'oldDom && !oldDom.parentNode',
  // Properties and elements.
  "i == 'dangerouslySetInnerHTML'",
  'newHtml',
  'oldHtml',
  "'defaultValue' in newProps",
  "'defaultChecked' in newProps",
  "nodeType == 'math'",
  "nodeType == 'foreignObject' || (namespace == MATH_NAMESPACE && MATHML_TOKEN_ELEMENTS.test(nodeType))",
  "nodeType == 'template'",
  "name = name.replace(/xlink(H|:h)/, 'h').replace(/sName$/, 's')",
  'useCapture',
  "typeof value == 'string'",
  "typeof oldValue == 'string'",
  'childVNode.constructor === String',
  "typeof ref == 'function'",
  "typeof value == 'function'",
  "typeof childVNode == 'function'",
  // Add-ons, and `useReducer`.
  'init',
  'options.event',
  'options.vnode',
  'options._hook',
  'options._root',
  'options._skipEffects',
  'options.debounceRendering',
  'options.requestAnimationFrame',
  'prevDebounce',
  'prevRaf',
  'currentHook',
  'oldBeforeDiff',
  'oldBeforeRender',
  'oldAfterDiff',
  'oldCommit',
  'oldBeforeUnmount',
];

/** What is always the same. */
const always: Readonly<Record<string, string>> = {
  'c.render(c.props, (c.state = c._nextState), c.context)': 'c.render(c.props, (c.state = c._nextState))',
  'this.constructor(props, context)': 'this.constructor(props)',
  'parentDom.ownerDocument || document': 'document',
  'doc.createElementNS( namespace, nodeType, newProps.is ? newProps : parentDom )':
    'doc.createElementNS(namespace, nodeType)',
  'skipRemove && !vnode.props._parentDom': 'skipRemove',
  // Without comments, one step is enough.
  "(oldDom = oldDom && oldDom.nextSibling) && oldDom.nodeType == 8 && !oldDom.data.startsWith('$s')":
    '((oldDom = oldDom.nextSibling), false)',
  HAS_RAF: 'true',
  // No element has these.
  "name != 'rowSpan'": 'true',
  "name != 'colSpan'": 'true',
  "name != 'form'": 'true',
  "name != 'list'": 'true',
};

/**
 * Builds Preact from its source, without what the pages don't use. That is a third of it, and of its first script 4 KB:
 * whatever a class may have is asked for by name, so no bundler can know that nothing has it.
 * Its modules import each other in circles, which a bundle without split code (an export) runs in another order.
 */
export function preactSource(): Plugin {
  const root = dirname(createRequire(import.meta.url).resolve('preact/package.json'));
  const core = join(root, 'src');
  const hooks = join(root, 'hooks/src');
  const modules = withShortNames(
    writeKnownValues(
      modulesIn([core, hooks]),
      new Map([...never.map((expression) => [expression, 'undefined'] as const), ...Object.entries(always)]),
    ),
  );
  return {
    name: 'preact-source',
    config: () => ({
      resolve: {
        alias: [
          { find: /^preact$/, replacement: join(core, 'index.js') },
          { find: /^preact\/hooks$/, replacement: join(hooks, 'index.js') },
        ],
      },
    }),
    load: (id) => modules.get(normalize(id)),
  };
}

/** Code by path. */
function modulesIn(directories: readonly string[]): Map<string, string> {
  const paths = directories.flatMap((directory) =>
    readdirSync(directory, { recursive: true, encoding: 'utf8' }).map((name) => join(directory, name)),
  );
  return new Map(paths.filter((path) => path.endsWith('.js')).map((path) => [path, readFileSync(path, 'utf8')]));
}

/** Properties that only Preact knows, which are short in what is published of it. */
const privateName = /\b__?(?!html\b)[a-z]\w*/gi;

function withShortNames(modules: ReadonlyMap<string, string>): Map<string, string> {
  const names = new Set([...modules.values()].flatMap((code) => code.match(privateName) ?? []));
  const short = new Map([...names].sort().map((name, at) => [name, `__${at.toString(36)}`]));
  return new Map(
    [...modules].map(([path, code]) => [path, code.replace(privateName, (name) => short.get(name) ?? name)]),
  );
}
