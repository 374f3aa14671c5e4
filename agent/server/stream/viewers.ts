import { createListeners } from '../../system/listeners.ts';

/** Whether somebody watches. */
export interface Viewers {
  /** A viewer has come. Returns the way to say that it has left. */
  enter(): () => void;
  /**
   * Resolves once somebody was here and nobody has been for `graceMs`: a page that is loaded anew is away for a
   * moment.
   */
  deserted(graceMs: number): Promise<void>;
}

export function createViewers(): Viewers {
  let viewers = 0;
  /** When the last one left; undefined while somebody is here and before anybody was. */
  let leftAt: number | undefined;
  const changed = createListeners<() => void>();

  function tell(): void {
    for (const look of changed) look();
  }

  return {
    enter() {
      viewers++;
      leftAt = undefined;
      tell();
      return () => {
        if (--viewers > 0) return;
        leftAt = performance.now();
        tell();
      };
    },

    deserted(graceMs) {
      return new Promise((resolve) => {
        let timer: NodeJS.Timeout | undefined;
        const leave = changed.add(look);
        function look(): void {
          clearTimeout(timer);
          if (leftAt === undefined) return;
          timer = setTimeout(settle, Math.max(0, leftAt + graceMs - performance.now()));
        }
        function settle(): void {
          leave();
          resolve();
        }
        look();
      });
    },
  };
}
