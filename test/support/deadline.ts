/** What is no fact yet: an element that is not there counts 0, what was not copied is an empty text. */
type Nothing = undefined | null | false | 0 | '';

/** Polls until `look` gives a fact; fails by name when the deadline passes. */
export async function until<Fact>(
  name: string,
  look: () => Fact | Nothing | Promise<Fact | Nothing>,
  deadlineMs = 30_000,
): Promise<Exclude<Fact, Nothing>> {
  const endsAt = performance.now() + deadlineMs;
  const tooLate = () => new Error(`Not within ${deadlineMs} ms: ${name}`);
  for (;;) {
    const looked = look();
    // A look, too, can wait for ever, for an answer that nobody gives.
    const isWaited = looked instanceof Promise;
    const fact = isWaited ? await raced(looked, Math.max(0, endsAt - performance.now()) + lastLookMs, tooLate) : looked;
    if (fact) return fact as Exclude<Fact, Nothing>;
    if (performance.now() > endsAt) throw tooLate();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The promise's value, or a failure by name when the deadline passes first. */
export async function within<Value>(name: string, promise: Promise<Value>, deadlineMs = 30_000): Promise<Value> {
  return raced(promise, deadlineMs, () => new Error(`Not within ${deadlineMs} ms: ${name}`));
}

/** One that began just before the deadline may come to its end. */
const lastLookMs = 5000;

async function raced<Value>(promise: Promise<Value>, ms: number, tooLate: () => Error): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLate()), ms);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
