/**
 * The coding that a client prefers of those on offer (RFC 9110, 12.5.3); of equal ones, the first. Undefined for none,
 * also where the client refuses that: an answer that it may not understand is better than none.
 *
 * @param header `Accept-Encoding`; undefined and '' ask for no coding
 * @param offered by name, best first
 */
export function preferredCoding<Name extends string>(
  header: string | undefined,
  offered: readonly Name[],
): Name | undefined {
  const weights = weightsIn(header ?? '');
  const any = weights.get('*') ?? 0;
  let best: Name | undefined;
  // What is not named is as good as any coding only where the client says so.
  let bestWeight = weights.get('identity') ?? 0;
  for (const name of offered) {
    const weight = weights.get(name) ?? any;
    if (weight > bestWeight || (best === undefined && weight > 0 && weight === bestWeight)) {
      best = name;
      bestWeight = weight;
    }
  }
  return best;
}

const element = /^([!#$%&'*+.^_`|~0-9a-z-]+)(?:[ \t]*;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/;

/** What can't be read is as if it were not there. */
function weightsIn(header: string): Map<string, number> {
  const weights = new Map<string, number>();
  for (const part of header.toLowerCase().split(',')) {
    const [, name, weight = '1'] = element.exec(part.trim()) ?? [];
    if (name !== undefined) weights.set(name === 'x-gzip' ? 'gzip' : name, Number(weight));
  }
  return weights;
}
