/**
 * The id of the process that a text names. Throws where it names none: 0, which an empty text is as a number, is this
 * process's own group, and who stops that (SIGSTOP) stops the whole run of tests and all that would tell.
 */
export function toldPid(text: string | undefined): number {
  if (!/^[1-9]\d*\s*$/.test(text ?? '')) throw new Error(`No process is named by ${JSON.stringify(text)}.`);
  return Number(text);
}
