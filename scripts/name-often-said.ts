import { parseAst } from 'rolldown/parseAst';

/** What stays the same for as long as a page lives, and nothing replaces. */
const fixed =
  /^(?:void 0|document(?:\.documentElement)?|location|(?:JSON|Math)\.\w+|AbortController|AbortSignal\.timeout|Date\.now|Number|Object|String|URLSearchParams|encodeURIComponent|queueMicrotask)$/;

/** Methods with long names that are called now and then: a call more is nothing beside what they do. */
const methods =
  /^(?:addEventListener|closest|createElement|get(?:BoundingClientRect|Selection)|preventDefault|querySelector(?:All)?|replace|scrollBy|set(?:Attribute|Property)|toggleAttribute)$/;

/**
 * Names once, in a minified script, what it says often: texts, `void 0`, `document`, `Math.max`, the `import()` of a
 * script, and calls of long methods. No minifier does, as it takes nothing off the compressed size; of what a browser
 * parses it takes 4%.
 */
export function nameOftenSaid(code: string): string {
  return nameValues(nameMethods(code));
}

/** `a.closest(b)` as `$0(a,b)`. */
function nameMethods(code: string): string {
  const calls = new Map<string, MethodCall[]>();
  findMethodCalls(parseAst(code) as unknown as Node, code, new Set(), (call) => {
    calls.set(call.method, [...(calls.get(call.method) ?? []), call]);
  });
  const names = unusedNames(code);
  const declared: string[] = [];
  const edits: Edit[] = [];
  for (const [method, places] of calls) {
    const declaration = `=(e,...t)=>e.${method}(...t),`;
    if (places.length * (method.length - 2) <= declaration.length + 2) continue;
    const name = names.next().value;
    declared.push(name + declaration.slice(0, -1));
    for (const { start, receiverEnd, firstAt, hasArguments } of places) {
      edits.push({ at: start, end: start, text: `${name}(` });
      edits.push({ at: receiverEnd, end: firstAt, text: hasArguments ? ',' : '' });
    }
  }
  return declared.length === 0 ? code : `const ${declared.join()};${edited(code, edits)}`;
}

interface Syntax extends Node {
  readonly expression?: Node;
  readonly callee?: Node;
  readonly object?: Node;
  readonly property?: Node;
  readonly computed?: boolean;
}

interface MethodCall {
  readonly method: string;
  readonly start: number;
  readonly receiverEnd: number;
  /** Where what stands in its parentheses begins. */
  readonly firstAt: number;
  readonly hasArguments: boolean;
}

/** @param optional nodes that are only evaluated where an optional chain goes on */
function findMethodCalls(node: Node, code: string, optional: Set<Node>, found: (call: MethodCall) => void): void {
  const { type, expression, callee, object } = node as Syntax;
  if (type === 'ChainExpression' && expression) optional.add(expression);
  const next = callee ?? object;
  if (optional.has(node) && next) optional.add(next);
  if (type === 'CallExpression' && callee?.type === 'MemberExpression' && !optional.has(node)) {
    const { object: receiver, property: named, computed } = callee as Syntax;
    const method = named && !computed ? code.slice(named.start, named.end) : '';
    const isPlain = receiver && named && code.slice(receiver.end, named.start) === '.' && code[named.end] === '(';
    if (isPlain && methods.test(method) && receiver.type !== 'Super') {
      const firstAt = named.end + 1;
      const hasArguments = code[firstAt] !== ')';
      found({ method, start: node.start, receiverEnd: receiver.end, firstAt, hasArguments });
    }
  }
  for (const value of Object.values(node)) {
    for (const child of [value].flat()) {
      if (typeof child === 'object' && child !== null && 'type' in child)
        findMethodCalls(child as Node, code, optional, found);
    }
  }
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
      const [before, after] = [code.charAt(start - 1), code.charAt(end)].map((sign) => (/[\w$]/.test(sign) ? ' ' : ''));
      edits.push({ at: start, end, text: `${before}${isCalled ? `${name}()` : name}${after}` });
    }
    name = names.next().value;
  }
  return declared.length === 0 ? code : `const ${declared.join()};${edited(code, edits)}`;
}

interface Edit {
  readonly at: number;
  readonly end: number;
  readonly text: string;
}

function edited(code: string, edits: readonly Edit[]): string {
  let done = 0;
  let text = '';
  for (const edit of [...edits].sort((one, other) => one.at - other.at)) {
    text += code.slice(done, edit.at) + edit.text;
    done = edit.end;
  }
  return text + code.slice(done);
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
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
  const { type, computed, shorthand, operator } = node as Node & Partial<Record<string, unknown>>;
  if (part === 'key' || part === 'property') return computed === false;
  // Where a script comes from, and a text as it was written (`String.raw`), are no values.
  if (part === 'source' || part === 'quasi') return true;
  if (part === 'value') return shorthand === true;
  if (part === 'left') return type === 'AssignmentExpression';
  return operator === 'typeof' || /^(?:Ex|Im)port\w*Specifier$/.test(type);
}

function* unusedNames(code: string): Generator<string, never> {
  const used = new Set(code.match(/[\w$]+/g));
  for (let count = 0; ; count++) {
    const name = `$${count.toString(36)}`;
    if (!used.has(name)) yield name;
  }
}
