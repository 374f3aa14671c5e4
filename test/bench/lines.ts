/**
 * The lines that every program of the benchmark has to deliver: 100 bytes, line end included,
 *
 *     00000042 000001234567890 INFO  worker-3 GET /api/orders/1042 200 12ms …
 *
 * a number (1, 2, 3 … without gap), by which losses and doubles are found, and the microseconds of the monotonic clock
 * (the same in all processes) at which the line was written, by which latency is found.
 */
const lineBytes = 100;

export const numberDigits = 8;
/** Where a line's timestamp begins. */
export const timeOffset = numberDigits + 1;
export const timeDigits = 15;

const text = ' INFO  worker-3 GET /api/orders/1042?expand=items 200 12ms 4821 bytes sent';
const zero = 0x30;

/** Microseconds of the monotonic clock. */
export function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** Lines `first` to `first + count - 1`, all written at `timeUs`. */
export function encodeLines(first: number, count: number, timeUs: number): Buffer {
  const out = Buffer.alloc(count * lineBytes);
  const head = `${''.padStart(numberDigits, '0')} ${String(timeUs).padStart(timeDigits, '0')}`;
  const template = Buffer.from(`${(head + text).padEnd(lineBytes - 1, '.').slice(0, lineBytes - 1)}\n`, 'latin1');
  for (let i = 0; i < count; i++) {
    const at = i * lineBytes;
    template.copy(out, at);
    let rest = first + i;
    for (let digit = at + numberDigits - 1; rest > 0; digit--) {
      out[digit] = zero + (rest % 10);
      rest = Math.floor(rest / 10);
    }
  }
  return out;
}
