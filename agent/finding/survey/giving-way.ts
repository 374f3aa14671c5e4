import type { Manners } from '../chunks/read-chunks.ts';

/** How a look that nobody waits for stands to what goes before it. */
export interface Way {
  /** How much longer who gave it waits for others, all in all: not at all where he has waited long enough. */
  readonly leftMs: number;
  /** Whether anything has begun since then. */
  isTaken(): boolean;
}

export interface GivingWay {
  /** Resolves once a look may begin. */
  begin(): Promise<Manners>;
  /** Somebody waits for this, and for the look under way before it: that goes on, as he may be who it gives way to. */
  await<Result>(result: Promise<Result>): Promise<Result>;
}

/**
 * Lets others go before a look, also amid a chunk: one whose lines each take a closer look, such as JSON, takes a tenth
 * of a second, and who searches meanwhile would wait for as long with every key.
 */
export function createGivingWay(giveWay: (mostMs?: number) => Promise<Way>): GivingWay {
  let waiting = 0;
  let hurry: (() => void) | undefined;

  return {
    async begin() {
      const begun = await giveWay();
      let way = begun;
      return {
        isEnough: begun.isTaken,
        pause() {
          // Where others never cease, or come one after another, a chunk is looked at now and then, and not a block.
          if (way.leftMs === 0 || waiting > 0 || !way.isTaken()) return undefined;
          const hurried = new Promise<undefined>((resolve) => {
            hurry = () => resolve(undefined);
          });
          return Promise.race([giveWay(way.leftMs), hurried]).then((given) => {
            way = given ?? way;
          });
        },
      };
    },
    await(result) {
      waiting++;
      hurry?.();
      return result.finally(() => waiting--);
    },
  };
}
