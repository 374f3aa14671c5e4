import { parseAst } from 'rolldown/parseAst';

/** What stays the same for as long as a page lives, and nothing replaces. */
const fixed = /^(?:void 0|document(?:\.documentElement)?|location|Math\.\w+|Number|String|Object)$/;

/**
 * Names once, in a minified script, what it says often: `void 0`, `document`, `Math.max`, the `import()` of a script.
 * No minifier does, as it takes nothing off the compressed size; of what a browser parses it takes 2%.
 */
export function nameOftenSaid(code: string): string {
  const places = new Map<string, Node[]>();
  findOftenSaid(parseAst(code) as unknown as Node, code, (text, node) => {
    places.set(text, [...(places.get(text) ?? []), node]);
  });
  const names = unusedNames(code);
  const declared: string[] = [];
  const edits: { at: Node; name: string }[] = [];
  for (const [text, nodes] of [...places].sort(([, one], [, other]) => other.length - one.length)) {
    if (nodes.length * (text.length - 2) <= text.length + 4) continue;
    const name = names.next().value;
    const isCalled = text.startsWith('import');
    declared.push(`${name}=${isCalled ? '()=>' : ''}${text}`);
    for (const at of nodes) edits.push({ at, name: isCalled ? `${name}()` : name });
  }
  if (declared.length === 0) return code;
  edits.sort((one, other) => one.at.start - other.at.start);
  let end = 0;
  let text = `const ${declared.join()};`;
  for (const { at, name } of edits) {
    text += code.slice(end, at.start) + name;
    end = at.end;
  }
  return text + code.slice(end);
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

function findOftenSaid(node: Node, code: string, found: (text: string, node: Node) => void): void {
  const text = code.slice(node.start, node.end);
  const isValue = /^(?:Identifier|MemberExpression|UnaryExpression)$/.test(node.type);
  if (node.type === 'ImportExpression' || (isValue && fixed.test(text))) {
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

/** Whether a part of the syntax only names something, or says what becomes of a name. */
function isNoValue(node: Node, part: string): boolean {
  const { type, computed, shorthand, operator } = node as Node & Partial<Record<string, unknown>>;
  if (part === 'key' || part === 'property') return computed === false;
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
