import { parseAst } from 'rolldown/parseAst';
import { childrenOf, type Edit, edited, type Node } from './syntax.ts';

/** What stays the same for as long as a page lives, and nothing replaces. */
const fixed =
  /^(?:void 0|document(?:\.documentElement)?|location|(?:JSON|Math)\.\w+|AbortController|AbortSignal\.timeout|Date\.now|Number|Object|String|URLSearchParams|encodeURIComponent|queueMicrotask|requestAnimationFrame|getComputedStyle|(?:clear|set)Timeout)$/;

/** Methods that are called often, but not for each character of a text: a call more is nothing beside what they do. */
const methods =
  /^(?:(?:add|remove)EventListener|closest|createElement|filter|get(?:BoundingClientRect|Selection)|includes|preventDefault|querySelector(?:All)?|replace(?:All)?|scrollBy|set(?:Attribute|Property)|startsWith|toggleAttribute)$/;

/** Other properties that are not asked for in loops over a text. */
const properties =
  /^(?:classList|currentTarget|dataset|decoration|filter|getDerivedStateFromProps|groups|isCollapsed|isSelective|nextSibling|nodeType|pathname|previous|remove|search|shouldComponentUpdate|snapshot|status|textContent|toLowerCase)$/;

/**
 * Names once, in a minified script, what it says often: texts, `void 0`, `document`, `Math.max`, the `import()` of a
 * script, long properties, and calls of long methods. No minifier does, as it takes nothing off the compressed size;
 * of what a browser parses it takes 5%.
 */
export function nameOftenSaid(code: string): string {
  return nameValues(propertiesAsTexts(nameMethods(code)));
}

/** `a.closest(b)` as `$0(a,b)`. */
function nameMethods(code: string): string {
  const calls = new Map<string, MethodCall[]>();
  findMethodCalls(parseAst(code) as unknown as Node, code, (call) => {
    calls.set(call.method, [...(calls.get(call.method) ?? []), call]);
  });
  const names = unusedNames(code);
  const declared: string[] = [];
  const edits: Edit[] = [];
  for (const [method, places] of calls) {
    const declaration = asFunction(method, places);
    if (places.length * (method.length - 2) <= declaration.length + 4) continue;
    const name = names.next().value;
    declared.push(`${name}=${declaration}`);
    for (const { start, receiverEnd, firstAt, given } of places) {
      // As in `return[]`.
      const opened = `${spaceBeside(code.charAt(start - 1))}${name}(`;
      edits.push({ at: start, end: start, text: opened, until: firstAt });
      edits.push({ at: receiverEnd, end: firstAt, text: given === 0 ? '' : ',' });
    }
  }
  return declared.length === 0 ? code : `const ${declared.join()};${edited(code, edits)}`;
}

/** Of as many arguments as all calls pass, where that is one number: that is shorter, and makes no array of them. */
function asFunction(method: string, calls: readonly MethodCall[]): string {
  const [given, ...others] = new Set(calls.map((call) => call.given));
  if (given === undefined || others.length > 0 || given > 3) return `(e,...t)=>e.${method}(...t)`;
  const passed = ['t', 'n', 'r'].slice(0, given);
  return `${given === 0 ? 'e' : `(${['e', ...passed].join()})`}=>e.${method}(${passed.join()})`;
}

interface Syntax extends Node {
  readonly callee?: Syntax;
  readonly object?: Syntax;
  readonly property?: Node;
  readonly arguments?: readonly Node[];
  readonly computed?: boolean;
  readonly optional?: boolean;
}

interface MethodCall {
  readonly method: string;
  readonly start: number;
  readonly receiverEnd: number;
  /** Where what stands in its parentheses begins. */
  readonly firstAt: number;
  /** Arguments; infinitely many where only running tells how many there are. */
  readonly given: number;
}

function findMethodCalls(node: Syntax, code: string, found: (call: MethodCall) => void): void {
  const { type, callee, arguments: passed = [] } = node;
  if (type === 'CallExpression' && callee?.type === 'MemberExpression' && !mayNotHappen(node)) {
    const { object: receiver, property: named, computed } = callee;
    const method = named && !computed ? code.slice(named.start, named.end) : '';
    const isPlain = receiver && named && code.slice(receiver.end, named.start) === '.' && code[named.end] === '(';
    if (isPlain && methods.test(method) && receiver.type !== 'Super') {
      const given = passed.some((one) => one.type === 'SpreadElement') ? Number.POSITIVE_INFINITY : passed.length;
      found({ method, start: node.start, receiverEnd: receiver.end, firstAt: named.end + 1, given });
    }
  }
  for (const child of childrenOf(node)) findMethodCalls(child, code, found);
}

/** Whether it comes after a `?.` of its chain. */
function mayNotHappen({ optional, callee, object }: Syntax): boolean {
  const before = callee ?? object;
  return optional === true || (before !== undefined && mayNotHappen(before));
}

/** `a.dataset` as `a[`dataset`]`, where the text is said often enough to be named itself. */
function propertiesAsTexts(code: string): string {
  const places = new Map<string, Edit[]>();
  findProperties(parseAst(code) as unknown as Node, ({ start, end }, isOptional) => {
    const name = code.slice(start, end);
    const edit = { at: isOptional ? start : start - 1, end, text: `[\`${name}\`]` };
    if (properties.test(name)) places.set(name, [...(places.get(name) ?? []), edit]);
  });
  // A name of two signs, its brackets, and where it is declared.
  const isShorter = ([name, { length }]: [string, Edit[]]) => length * (name.length - 3) > name.length + 8;
  return edited(
    code,
    [...places].filter(isShorter).flatMap(([, edits]) => edits),
  );
}

/** After a point, or after `?.`. */
function findProperties(node: Syntax, found: (name: Node, isOptional: boolean) => void): void {
  const { type, property, computed, optional } = node;
  if (type === 'MemberExpression' && property?.type === 'Identifier' && !computed) found(property, optional === true);
  for (const child of childrenOf(node)) findProperties(child, found);
}

function nameValues(code: string): string {
  const places = new Map<string, Node[]>();
  findOftenSaid(parseAst(code) as unknown as Node, code, (text, node) => {
    places.set(text, [...(places.get(text) ?? []), node]);
  });
  const names = unusedNames(code);
  let name = names.next().value;
  const declared: string[] = [];
  const edits: Edit[] = [];
  for (const [text, nodes] of [...places].sort(([, one], [, other]) => other.length - one.length)) {
    if (nodes.length * (text.length - name.length) <= text.length + name.length + 2) continue;
    const isCalled = text.startsWith('import');
    declared.push(`${name}=${isCalled ? '()=>' : ''}${text}`);
    for (const { start, end } of nodes) {
      const [before, after] = [code.charAt(start - 1), code.charAt(end)].map(spaceBeside);
      edits.push({ at: start, end, text: `${before}${isCalled ? `${name}()` : name}${after}` });
    }
    name = names.next().value;
  }
  return declared.length === 0 ? code : `const ${declared.join()};${edited(code, edits)}`;
}

/** What has to stand between a name and what is beside it. */
function spaceBeside(sign: string): string {
  return /[\w$]/.test(sign) ? ' ' : '';
}

function findOftenSaid(node: Node, code: string, found: (text: string, node: Node) => void): void {
  const text = code.slice(node.start, node.end);
  const isValue = /^(?:Identifier|MemberExpression|UnaryExpression)$/.test(node.type);
  if (node.type === 'ImportExpression' || isText(node) || (isValue && fixed.test(text))) {
    found(text, node);
    return;
  }
  for (const [part, value] of Object.entries(node)) {
    if (isNoValue(node, part)) continue;
    for (const child of [value].flat()) {
      if (typeof child === 'object' && child !== null && 'type' in child) findOftenSaid(child as Node, code, found);
    }
  }
}

function isText(node: Node): boolean {
  const { type, value, expressions } = node as Node & { value?: unknown; expressions?: readonly Node[] };
  return type === 'Literal' ? typeof value === 'string' : type === 'TemplateLiteral' && expressions?.length === 0;
}

/** Whether a part of the syntax only names something, or says what becomes of a name. */
function isNoValue(node: Node, part: string): boolean {
  const { type, computed, shorthand, operator, left } = node as Node & Partial<Record<string, unknown>>;
  if (part === 'key' || part === 'property') return computed === false;
  // Where a script comes from, and a text as it was written (`String.raw`), are no values.
  if (part === 'source' || part === 'quasi') return true;
  if (part === 'value') return shorthand === true;
  if (part === 'left') return type === 'AssignmentExpression' && (left as Node).type !== 'MemberExpression';
  return operator === 'typeof' || /^(?:Ex|Im)port\w*Specifier$/.test(type);
}

function* unusedNames(code: string): Generator<string, never> {
  const used = new Set(code.match(/[\w$]+/g));
  for (let count = 0; ; count++) {
    const name = `$${count.toString(36)}`;
    if (!used.has(name)) yield name;
  }
}
