/** Whether `npm run soak` runs, which takes the time for what the suite leaves out: see vitest.soak.config.ts. */
export const isSoak = process.env.SSE_TAIL_SOAK === '1';

/** How much of something there is in the suite, which is to be over in minutes, and how much in `npm run soak`. */
export function amountOf(inSuite: number, inSoak: number): number {
  return isSoak ? inSoak : inSuite;
}

type Parameters = Record<string, readonly unknown[]>;
type Case<Of extends Parameters> = { -readonly [Name in keyof Of]: Of[Name][number] };

/**
 * The cases of a sweep over some parameters: in the suite so many that each two values of different parameters are
 * together in one, and in `npm run soak` each with each.
 */
export function sweepOf<const Of extends Parameters>(parameters: Of): Case<Of>[] {
  return isSoak ? productOf(parameters) : pairsOf(parameters);
}

/** Every value of each parameter with all values of the others. */
export function productOf<const Of extends Parameters>(parameters: Of): Case<Of>[] {
  const cases = Object.entries(parameters).reduce<Record<string, unknown>[]>(
    (some, [name, values]) => some.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{}],
  );
  return cases as Case<Of>[];
}

/** So few of the product as have each two values of different parameters together: always what has most new pairs. */
export function pairsOf<const Of extends Parameters>(parameters: Of): Case<Of>[] {
  const names = Object.keys(parameters);
  const left = productOf(parameters).map((one) => ({ one, pairs: namedPairs(one, parameters, names) }));
  const chosen: Case<Of>[] = [];
  const met = new Set<string>();
  for (;;) {
    const gains = left.map(({ pairs }) => pairs.filter((pair) => !met.has(pair)).length);
    const most = Math.max(0, ...gains);
    if (most === 0) return chosen;
    const { one, pairs } = left[gains.indexOf(most)] as (typeof left)[number];
    chosen.push(one);
    for (const pair of pairs) met.add(pair);
  }
}

/** What stands for the values that are together in a case, by two parameters each; of one parameter it is the value. */
function namedPairs<Of extends Parameters>(one: Case<Of>, parameters: Of, names: readonly string[]): string[] {
  const indices = names.map((name) => (parameters[name] as readonly unknown[]).indexOf(one[name as keyof Of]));
  if (names.length === 1) return indices.map(String);
  return indices.flatMap((index, at) =>
    indices.slice(at + 1).map((other, further) => `${at}:${index} ${at + 1 + further}:${other}`),
  );
}
