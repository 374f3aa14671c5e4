import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * What this process was started with, as far as Node leaves a trace: at its start it makes ignored signals deadly again,
 * raises the number of files that may be open, and closes inherited descriptors for its children.
 */
export interface Inherited {
  /** Signals that whoever started this process had it ignore. */
  readonly ignoredSignals: ReadonlySet<NodeJS.Signals>;
}

/** Read once, before this process opens anything: there is one start. */
export const inherited: Inherited = { ignoredSignals: new Set(isHangUpIgnored() ? ['SIGHUP'] : []) };

/**
 * bash and zsh say in `_` what they ran (nohup); and who ignores SIGHUP and does not run commands interactively passes that on
 * (`trap '' HUP`). For other signals nothing can be told: a shell ignores some for itself only.
 */
function isHangUpIgnored(): boolean {
  if (basename(process.env._ ?? '') === 'nohup') return true;
  try {
    const status = readFileSync(`/proc/${process.ppid}/status`, 'utf8');
    const [, mask = '0'] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(status) ?? [];
    return (BigInt(`0x${mask}`) & 1n) === 1n;
  } catch {
    return false;
  }
}
