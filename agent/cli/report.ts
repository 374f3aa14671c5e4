/** Everything that sse-tail itself says goes to stderr: stdout is the command's. */
export function report(sentence: string): void {
  // In a raw terminal LF alone doesn't go back to the first column.
  const end = process.stdin.isRaw ? '\r\n' : '\n';
  process.stderr.write(`sse-tail: ${sentence}${end}`);
}
