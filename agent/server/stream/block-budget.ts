/** How many journal blocks the streams hold in memory together. */
export interface BlockBudget {
  /**
   * Asked before a stream waits with a block in hand, or lends one to a client that may take it late or never.
   * Returns the way to release it; undefined when enough others hold one.
   */
  hold(why: 'waits' | 'lends'): (() => void) | undefined;
}

/** 12 MiB of blocks of the usual size; those of a burst are whole batches, of up to about 2 MiB. */
const mostBlocks = 16;
/** Of these: a client that stalls holds what it was lent until it is disconnected. */
const mostLent = 8;

export function createBlockBudget(): BlockBudget {
  let held = 0;
  return {
    hold(why) {
      if (held >= (why === 'lends' ? mostLent : mostBlocks)) return undefined;
      held++;
      return () => {
        held--;
      };
    },
  };
}
