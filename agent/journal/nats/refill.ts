/**
 * The wait for lines that the stream has lost, and that their writer is to send again: until it is over they are not
 * told as gone.
 */
export interface Refill {
  /** The first line that is waited for; undefined where none is. */
  readonly firstId: number | undefined;
  begin(firstId: number): void;
  /** Some have come: for the others there is as much time again. */
  progress(): void;
  /** Its writer may have been away when it was told of the loss. */
  remind(): void;
  /** Nothing is to come any more. */
  end(): void;
}

/** Lines that don't come within this time won't. */
const patienceMs = 60_000;
const remindMs = 5000;

/** @param onLoss the writer is to be told */
export function createRefill(onLoss = () => {}, now = () => performance.now()): Refill {
  let awaited: { firstId: number; until: number } | undefined;
  let toldAt = Number.NEGATIVE_INFINITY;

  function remind(): void {
    if (now() - toldAt < remindMs) return;
    toldAt = now();
    onLoss();
  }

  return {
    get firstId() {
      if (awaited !== undefined && now() > awaited.until) awaited = undefined;
      return awaited?.firstId;
    },
    begin(firstId) {
      awaited = { firstId, until: now() + patienceMs };
      remind();
    },
    // A hundred million lines take their time.
    progress() {
      if (awaited !== undefined) awaited.until = now() + patienceMs;
    },
    remind,
    end() {
      awaited = undefined;
    },
  };
}
