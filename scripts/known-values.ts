import { parseAst } from 'rolldown/parseAst';
import { childrenOf, type Edit, edited, type Node } from './syntax.ts';

interface Syntax extends Node {
  readonly arguments?: readonly Syntax[];
  readonly callee?: Syntax;
  readonly computed?: boolean;
  readonly id?: Syntax | null;
  readonly init?: Syntax | null;
  readonly key?: Syntax;
  readonly left?: Syntax;
  readonly name?: string;
  readonly params?: readonly Syntax[];
  readonly property?: Syntax;
}

/**
 * Writes into the modules of a library what its expressions always are here, so that a minifier sees which branches are
 * dead. Whatever the library assigns to such an expression is left out, and so are parameters of its functions that are
 * known by their name, and what is passed for them.
 *
 * @param modules code by name
 * @param known values by the text of an expression, with single spaces
 * @throws Error where an expression is in no module: the library has changed, and may not be what is known of it
 */
export function writeKnownValues(
  modules: ReadonlyMap<string, string>,
  known: ReadonlyMap<string, string>,
): Map<string, string> {
  const parsed = [...modules].map(([name, code]) => ({ name, code, module: parseAst(code) as unknown as Syntax }));
  const parameters = new Map(parsed.flatMap(({ module }) => knownParameters(module, known)));
  const missing = new Set(known.keys());
  const lookUp = (text: string): string | undefined => {
    const expression = text.replace(/\s+/g, ' ');
    missing.delete(expression);
    return known.get(expression);
  };
  const written = parsed.map(({ name, code, module }) => [name, edited(code, editsOf(module, code))] as const);
  if (missing.size > 0)
    throw new Error(`No module says ${[...missing].join(', ')}: has the library's release changed?`);
  return new Map(written);

  function editsOf(node: Syntax, code: string): Edit[] {
    const { type, id, init, left } = node;
    if (type === 'VariableDeclarator' && id && known.has(textOf(id, code)))
      return init ? [instead(init, 'undefined')] : [];
    const assigned = type === 'AssignmentExpression' && left ? lookUp(textOf(left, code)) : undefined;
    const value = assigned ?? lookUp(textOf(node, code));
    if (value !== undefined) return [instead(node, value)];
    const dropped = droppedOf(node, parameters);
    const kept = childrenOf(node).filter((child) => !dropped.includes(child) && !isName(child, node));
    return [...dropped.map((child) => withComma(child, code)), ...kept.flatMap((child) => editsOf(child, code))];
  }
}

/** Which parameters of functions are known, by the function's name and their place. */
function knownParameters(node: Syntax, known: ReadonlyMap<string, string>): [string, Set<number>][] {
  const below = childrenOf(node).flatMap((child) => knownParameters(child, known));
  if (node.type !== 'FunctionDeclaration') return below;
  const places = (node.params ?? []).flatMap(({ name = '' }, at) => (known.has(name) ? [at] : []));
  return places.length === 0 ? below : [...below, [node.id?.name ?? '', new Set(places)]];
}

function droppedOf(node: Syntax, parameters: ReadonlyMap<string, ReadonlySet<number>>): readonly Syntax[] {
  const [name, list] =
    node.type === 'CallExpression' ? [node.callee?.name, node.arguments] : [node.id?.name, node.params];
  const places = parameters.get(name ?? '');
  return places === undefined ? [] : (list ?? []).filter((_, at) => places.has(at));
}

/** Whether it only names something, and is no expression. */
function isName(child: Syntax, { type, id, key, property, computed }: Syntax): boolean {
  if (child === id || /^(?:Ex|Im)port\w*Specifier$/.test(type)) return true;
  return computed === false && (child === key || child === property);
}

function textOf({ start, end }: Node, code: string): string {
  return code.slice(start, end);
}

function instead({ start, end }: Node, text: string): Edit {
  return { at: start, end, text };
}

/** With the comma before it. */
function withComma({ start, end }: Node, code: string): Edit {
  return { at: code.lastIndexOf(',', start), end, text: '' };
}
