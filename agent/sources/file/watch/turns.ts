/**
 * Lets work begin while less than so much is under way; the rest waits for its turn. What is over at once (undefined)
 * takes none.
 */
export type Turns = (begin: () => Promise<void> | undefined) => Promise<void> | undefined;

export function createTurns(most: number): Turns {
  const waiting: (() => void)[] = [];
  let running = 0;

  function run(begin: () => Promise<void> | undefined): Promise<void> | undefined {
    running++;
    try {
      const work = begin();
      if (work !== undefined) return work.finally(leave);
    } catch (error) {
      leave();
      throw error;
    }
    leave();
    return undefined;
  }

  function leave(): void {
    running--;
    waiting.shift()?.();
  }

  return (begin) => {
    if (running < most) return run(begin);
    return new Promise<void>((resolve) => waiting.push(resolve)).then(() => run(begin));
  };
}
