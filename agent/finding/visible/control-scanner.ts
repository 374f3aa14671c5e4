import { moduleOnce } from '../../system/web-assembly.ts';

/** What `control-scan.wat` is assembled to, as a test makes sure. */
export const assembled =
  'AGFzbQEAAAABBgFgAX8BfwMCAQAFAwEAAgcQAgZtZW1vcnkCAANoYXMAAAqUAQGRAQIBfwZ7QSD9DyEEQQn9DyEFQQr9DyEGQf8A/Q8hBwJAA0AgASAATw0BIAH9AAQAIQIgAyACIAf9IyACIAT9JiACIAX9IyACIAb9I/1Q/U/9UP1QIQMgAf0ABBAhAiADIAIgB/0jIAIgBP0mIAIgBf0jIAIgBv0j/VD9T/1Q/VAhAyABQSBqIQEMAAsLIAP9Uws=';

/** Bytes that are copied at once: they stay in the processor's cache. */
export const windowBytes = 64 * 1024;
/** Of so many at a time. */
const stepBytes = 32;
const space = 0x20;

interface Exports {
  memory: { buffer: ArrayBuffer };
  has(end: number): number;
}

/**
 * Whether bytes hold a control character of ASCII other than TAB and LF, by SIMD instructions of WebAssembly. One for
 * all of a thread. Undefined where there is no SIMD.
 */
export const controlScanner = moduleOnce(assembled, scannerOn);

function scannerOn({ has, memory }: Exports): (bytes: Buffer) => boolean {
  const window = Buffer.from(memory.buffer);
  return (bytes) => {
    for (let from = 0; from < bytes.length; from += windowBytes) {
      const length = bytes.copy(window, 0, from, from + windowBytes);
      const end = Math.ceil(length / stepBytes) * stepBytes;
      window.fill(space, length, end);
      if (has(end) !== 0) return true;
    }
    return false;
  };
}
