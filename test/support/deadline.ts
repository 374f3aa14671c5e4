/** Polls until `look` gives something other than undefined or false; fails by name when the deadline passes. */
export async function until<Fact>(
  name: string,
  look: () => Fact | undefined | false | Promise<Fact | undefined | false>,
  deadlineMs = 30_000,
): Promise<Fact> {
  const endsAt = performance.now() + deadlineMs;
  for (;;) {
    const fact = await look();
    if (fact !== undefined && fact !== false) return fact;
    if (performance.now() > endsAt) throw new Error(`Not within ${deadlineMs} ms: ${name}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The promise's value, or a failure by name when the deadline passes first. */
export async function within<Value>(name: string, promise: Promise<Value>, deadlineMs = 30_000): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Not within ${deadlineMs} ms: ${name}`)), deadlineMs);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
