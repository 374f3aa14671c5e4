import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everybody, type Speaker } from '../../../../agent/finding/chunks/chunk.ts';
import { createFlows, type FlowsGroup } from '../../../../agent/finding/survey/flows.ts';
import { outlineOf } from '../../../../agent/finding/survey/outline.ts';
import { createSurvey } from '../../../../agent/finding/survey/survey.ts';
import { growthOf, linear } from '../../../support/growth.ts';
import { rememberedJournal } from '../../../support/synthetic-journal.ts';

describe('groups around those of a flow', () => {
  interface Group extends FlowsGroup<Group> {
    id: number;
    /** As it was when the group began, whatever has ended since. */
    outermost: Group[];
  }

  const flow = fc.constantFrom('', 'a', 'b', 'c', 'd', 'e');
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ type: fc.constant('open' as const), flow }) },
    { weight: 3, arbitrary: fc.record({ type: fc.constant('close' as const), at: fc.nat({ max: 30 }) }) },
    { weight: 3, arbitrary: fc.record({ type: fc.constant('begin' as const), flow, parent: flow }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('end' as const), flow }) },
  );

  /** What is around a flow by all that was ever opened, one group after the other. */
  function createModel() {
    const inside = new Map<string, Group[]>();
    function around(of: Speaker, open: readonly Group[]): Group[] {
      const outer = inside.get(of.flow);
      if (outer === undefined)
        return open.filter(({ speaker }) => speaker === everybody || ['', of.flow].includes(speaker.flow));
      return [...outer.filter(({ isOpen }) => isOpen), ...open.filter(({ speaker }) => speaker.flow === of.flow)];
    }
    return { inside, around };
  }

  it('are those that are open, whatever ended between them', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const flows = createFlows<Group>();
        const model = createModel();
        let open: Group[] = [];
        for (const [id, one] of steps.entries()) {
          if (one.type === 'close') {
            const closed = open[one.at % Math.max(1, open.length)];
            if (closed !== undefined) closed.isOpen = false;
            open = open.filter(({ isOpen }) => isOpen);
            continue;
          }
          const speaker: Speaker = { stream: 'out', flow: one.flow };
          const around = flows.around(speaker, open);
          expect(around.map((group) => group.id)).toEqual(model.around(speaker, open).map((group) => group.id));
          if (one.type === 'open') {
            const outermost = model.around(speaker, open);
            open.push({ id, speaker, outer: around.at(-1), isOpen: true, outermost });
          } else if (one.type === 'end') {
            flows.end(speaker);
            model.inside.delete(one.flow);
          } else {
            flows.begin(speaker, one.parent === '' ? undefined : one.parent, open);
            model.inside.delete(one.flow);
            if (one.parent === '' || one.parent === one.flow) continue;
            const last = model.around({ ...speaker, flow: one.parent }, open).at(-1);
            model.inside.set(one.flow, last === undefined ? [] : chainTo(last));
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  /** A group after those that were around it when it began. */
  function chainTo(group: Group): Group[] {
    const last = group.outermost.at(-1);
    return [...(last === undefined ? [] : chainTo(last)), group];
  }
});

describe('an outline of flows', () => {
  type Said = readonly [name: string, flow: string, attributes?: string];
  const shapes: Readonly<Record<string, (i: number) => readonly Said[]>> = {
    'each a part of the one before, whose group ends': (i) => [
      ['flowStarted', `f${i}`, ` parent='f${i - 1}'`],
      ['blockOpened', `f${i}`],
      ['blockClosed', `f${i - 1}`],
    ],
    'each a part of the one before, whose flow ends': (i) => [
      ['flowStarted', `f${i}`, ` parent='f${i - 1}'`],
      ['blockOpened', `f${i}`],
      ['flowFinished', `f${i - 1}`],
    ],
    'each a part of the one before, whose group ends before it says anything': (i) => [
      ['blockOpened', `f${i - 1}`],
      ['flowStarted', `f${i}`, ` parent='f${i - 1}'`],
      ['blockClosed', `f${i - 1}`],
    ],
    'each a part of the one before, with groups that never end': (i) => [
      ['flowStarted', `f${i}`, ` parent='f${i - 1}'`],
      ['blockOpened', `f${i}`],
    ],
    'in a circle': (i) => [
      ['flowStarted', `f${i % 3}`, ` parent='f${(i + 1) % 3}'`],
      ['blockOpened', `f${i % 3}`],
    ],
    'in a circle, with groups that end': (i) => [
      ['flowStarted', `f${i % 3}`, ` parent='f${(i + 1) % 3}'`],
      ['blockOpened', `f${i % 3}`],
      ['blockClosed', `f${(i + 2) % 3}`],
    ],
    'all of them parts of the first one, whose groups end': (i) => [
      ['blockOpened', 'f0'],
      ['flowStarted', `f${i}`, " parent='f0'"],
      ['blockClosed', 'f0'],
      ['blockOpened', `f${i}`],
    ],
    'one inside many others, which says much': (i) =>
      i <= 100
        ? [
            ['flowStarted', `f${i}`, ` parent='f${i - 1}'`],
            ['blockOpened', `f${i}`],
          ]
        : [
            ['message', 'f100', " text='no route' status='ERROR'"],
            ['blockOpened', 'f100'],
            ['blockClosed', 'f100'],
          ],
    'many side by side, who take turns': (i) =>
      i <= 130 ? [['blockOpened', `f${i}`]] : [['message', `f${i % 130}`, " text='up'"]],
  };

  it.each(Object.entries(shapes))('takes time in proportion to its messages: %s', async (_, messages) => {
    const small = 250;
    const chunks = new Map(
      await Promise.all([small, 8 * small].map(async (size) => [size, await chunksOf(size, messages)] as const)),
    );
    for (const known of chunks.values()) expect(outlineOf(known, 1, true).groups.length).toBeGreaterThan(small / 2);
    expect(growthOf((size) => outlineOf(chunks.get(size) ?? [], 1, true), small)).toBeLessThan(linear);
  });

  interface Printed {
    flow: string;
    kind: 'open' | 'close' | 'message' | 'error' | 'output';
  }
  /** `c` is a part of `a`, and `d` of `c`. */
  const parents: Readonly<Record<string, string>> = { c: 'a', d: 'c' };
  const beginnings = Object.entries(parents).map(
    ([flow, of]) => `##teamcity[flowStarted flowId='${flow}' parent='${of}']`,
  );

  function isWithin(flow: string | undefined, of: string): boolean {
    return flow !== undefined && (flow === of || isWithin(parents[flow], of));
  }

  /** What is printed, and whose line each is: undefined of those that don't say. */
  function linesOf(printed: readonly Printed[]) {
    const open = new Map<string, string[]>();
    const lines: { text: string; flow: string | undefined }[] = [];
    for (const text of beginnings) lines.push({ text, flow: /flowId='(\w)'/.exec(text)?.[1] });
    for (const { flow, kind } of printed) {
      const names = open.get(flow) ?? [];
      open.set(flow, names);
      if (kind === 'open') names.push(`b${lines.length}`);
      const name = kind === 'close' ? names.pop() : names.at(-1);
      const text = {
        open: `##teamcity[blockOpened name='${name}' flowId='${flow}']`,
        close: name ? `##teamcity[blockClosed name='${name}' flowId='${flow}']` : 'nothing is open',
        message: `##teamcity[message text='up' flowId='${flow}']`,
        error: `##teamcity[message text='down' status='ERROR' flowId='${flow}']`,
        output: 'up',
      }[kind];
      lines.push({ text, flow: text.startsWith('##') ? flow : undefined });
    }
    return lines;
  }

  const printed = fc.record<Printed>({
    flow: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    kind: fc.constantFrom('open', 'close', 'message', 'message', 'error', 'output'),
  });

  it('has no line of a flow in a group of another one, unless it is a part of that', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(printed, { minLength: 2, maxLength: 60 }), fc.boolean(), async (said, isFinished) => {
        const lines = linesOf(said);
        const survey = createSurvey(rememberedJournal(lines));
        await survey.complete();
        for (const { from, to, parts = [[from, to] as const], level } of outlineOf(survey.known(), 1, isFinished)
          .groups) {
          const covered = parts.flatMap(([first, last]) =>
            Array.from({ length: last - first + 1 }, (_, i) => first + i),
          );
          const end = covered.at(-1) ?? 0;
          expect([covered[0], end]).toEqual([from, to]);
          const of = lines[from - 1]?.flow as string;
          const ids = Array.from({ length: lines.length }, (_, i) => i + 1).filter((id) => id >= from && id <= end);
          const own = ids.filter((id) => {
            const { flow } = lines[id - 1] as (typeof lines)[number];
            return flow === undefined || isWithin(flow, of);
          });
          expect(covered).toEqual(own);
          expect(level).toBe(own.some((id) => lines[id - 1]?.text.includes('ERROR')) ? 'error' : null);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('has a thousand parts of a group at most, and none of other flows even so', async () => {
    const turns = Array.from({ length: 2500 }, (): Printed[] => [
      { flow: 'a', kind: 'message' },
      { flow: 'b', kind: 'message' },
    ]);
    const lines = linesOf([{ flow: 'a', kind: 'open' }, ...turns.flat(), { flow: 'a', kind: 'error' }]);
    const survey = createSurvey(rememberedJournal(lines));
    await survey.complete();
    const [group] = outlineOf(survey.known(), 1, true).groups;
    expect(group?.parts?.length).toBe(1000);
    expect(group?.to).toBe(group?.parts?.at(-1)?.[1]);
    expect(group?.level).toBe('error');
    for (const [first, last] of group?.parts ?? [])
      for (let id = first; id <= last; id++) expect(lines[id - 1]?.flow).toBe('a');
  });

  async function chunksOf(size: number, messages: (i: number) => readonly Said[]) {
    const lines = Array.from({ length: size }, (_, i) => messages(i + 1))
      .flat()
      .map(([name, flow, attributes = " name='b'"]) => ({
        text: `##teamcity[${name} flowId='${flow}'${attributes}]`,
      }));
    const survey = createSurvey(rememberedJournal(lines));
    await survey.complete();
    return survey.known();
  }
});
