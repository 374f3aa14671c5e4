/** What the parser makes of a part of a script. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

export function childrenOf<Syntax extends Node>(node: Syntax): Syntax[] {
  return Object.values(node)
    .flat()
    .filter((value) => typeof value === 'object' && value !== null && 'type' in value);
}

/** What stands in a script from `at` to `end`, and what is to stand there. */
export interface Edit {
  readonly at: number;
  readonly end: number;
  readonly text: string;
  /** Where what it opens ends: of a chain's calls, which begin at one place, the last one is the outermost. */
  readonly until?: number;
}

/** @param edits none within another one; at one place the outermost comes first */
export function edited(code: string, edits: readonly Edit[]): string {
  let done = 0;
  let text = '';
  for (const edit of [...edits].sort((one, other) => one.at - other.at || untilOf(other) - untilOf(one))) {
    text += code.slice(done, edit.at) + edit.text;
    done = edit.end;
  }
  return text + code.slice(done);
}

function untilOf({ end, until = end }: Edit): number {
  return until;
}
