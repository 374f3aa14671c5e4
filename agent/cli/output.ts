import { createTee, isReaderGone, type Tee } from '../system/tee.ts';
import { causeOf } from '../words/errors.ts';
import { notices } from './sentences.ts';

/** Exit status that a shell shows for a program that died of SIGPIPE, as `cat` does when nobody reads any more. */
const brokenPipeCode = 128 + 13;

/**
 * Standard output. A reader that has left (`| head`) is no error worth a sentence, though the exit code shows it.
 *
 * @param failed exit code where it can't be written
 */
export function createOutput(report: (sentence: string) => void, failed = 1): { tee: Tee; exitCode(): number } {
  let code = 0;
  const tee = createTee(1, (error) => {
    code = brokenPipeCode;
    if (isReaderGone(error)) return;
    code = failed;
    report(notices.outputBroken(causeOf(error)));
  });
  return { tee, exitCode: () => code };
}

/** Prints a text on stdout. Resolves with the exit code. */
export async function print(text: string, report: (sentence: string) => void): Promise<number> {
  const out = createOutput(report);
  await out.tee.write(Buffer.from(text));
  return out.exitCode();
}
