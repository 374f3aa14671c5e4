import { BoundedMap } from '../../system/bounded-map.ts';
import { everybody, isSame, type Speaker } from '../chunks/chunk.ts';

/*
 * What is printed side by side: TeamCity's messages say of which flow they are, and a flow that begins may say what
 * other one it is a part of. https://www.jetbrains.com/help/teamcity/service-messages.html#Message+FlowId
 */

/** A group that has begun. */
export interface FlowsGroup<Group> {
  speaker: Speaker;
  /** The innermost one around it; those that have ended may be left out. */
  outer: Group | undefined;
  /** What has ended does not begin again. */
  isOpen: boolean;
}

/** A flow that is a part of another one. */
interface PartialFlow<Group> {
  parent: Speaker;
  /** The innermost group that it is inside of; those that have ended may be left out. */
  inside: Group | undefined;
}

/** What is a part of more than so many others, one inside the other, is not of the outermost ones. */
export const mostParents = 32;
/** Of flows that never end the first ones are forgotten. */
const mostFlows = 10_000;

export function createFlows<Group extends FlowsGroup<Group>>() {
  const partial = new BoundedMap<string, PartialFlow<Group>>(mostFlows);

  /** What of all that is open is around a speaker's next group, from the outermost one to the innermost one. */
  function around(of: Speaker, open: readonly Group[]): Group[] {
    const flow = partial.get(flowKey(of));
    if (flow === undefined) return open.filter(({ speaker }) => holds(speaker, of));
    const found: Group[] = [];
    flow.inside = firstOpen(flow.inside);
    for (let one = flow.inside; one !== undefined; one = one.outer) {
      found.push(one);
      one.outer = firstOpen(one.outer);
    }
    return [...found.reverse(), ...open.filter(({ speaker }) => isSame(speaker, of))];
  }

  /** The flow that this one is a part of; undefined of one by itself. */
  function parentOf(speaker: Speaker): Speaker | undefined {
    return partial.get(flowKey(speaker))?.parent;
  }

  return {
    around,
    parentOf,
    /** It, and those that it is a part of. */
    allOf(speaker: Speaker): string[] {
      const flows = [speaker.flow];
      for (let one = parentOf(speaker); one !== undefined && flows.length < mostParents; one = parentOf(one))
        flows.push(one.flow);
      return flows;
    },
    /** @param parent the flow that it is a part of */
    begin(speaker: Speaker, parent: string | undefined, open: readonly Group[]): void {
      partial.delete(flowKey(speaker));
      if (parent === undefined || parent === speaker.flow) return;
      const of = { ...speaker, flow: parent };
      partial.set(flowKey(speaker), { parent: of, inside: around(of, open).at(-1) });
    },
    end: (speaker: Speaker) => partial.delete(flowKey(speaker)),
  };
}

/**
 * A group, or where it has ended the innermost one around it that has not. Those between are left out from then on: a
 * long chain of them would be walked along for each group that begins.
 */
function firstOpen<Group extends FlowsGroup<Group>>(group: Group | undefined): Group | undefined {
  let open = group;
  while (open !== undefined && !open.isOpen) open = open.outer;
  for (let one = group; one !== undefined && one !== open; ) {
    const { outer } = one;
    one.outer = open;
    one = outer;
  }
  return open;
}

export function flowKey({ stream, flow }: Speaker): string {
  return `${flow}\n${stream}`;
}

/** Whether the groups of one may be around those of another. */
function holds(outer: Speaker, inner: Speaker): boolean {
  return outer === everybody || (outer.stream === inner.stream && (outer.flow === '' || outer.flow === inner.flow));
}
