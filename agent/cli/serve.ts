import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LogServer, serveLogs } from '../agent.ts';
import type { Outcome } from '../sources/source.ts';
import { defined } from '../words/defined.ts';
import { SseTailError } from '../words/errors.ts';
import { openBrowser } from './browser.ts';
import { directoryOf } from './logs/kept.ts';
import type { OptionValues } from './options/options.ts';
import { report } from './report.ts';
import { notices } from './sentences.ts';
import { placeOf, servingOptions } from './settings.ts';
import { endingSignal } from './signals.ts';

const retryMs = 1000;

/** A gateway may be started before its cluster, and both again after a power failure: it waits, and says for what. */
async function serveOnceThere(options: Parameters<typeof serveLogs>[0] & object): Promise<LogServer> {
  for (let reported = ''; ; ) {
    try {
      return await serveLogs(options);
    } catch (error) {
      const isAway = error instanceof SseTailError && error.kind === 'journal' && options.store !== undefined;
      if (!isAway) throw error;
      if (error.message !== reported) report(notices.storeAwaited(error.message));
      reported = error.message;
      await sleep(retryMs);
    }
  }
}

export async function serve(values: OptionValues): Promise<Outcome> {
  const { dir, store, natsCreds, open: isOpenAsked } = values;
  const stop = endingSignal();
  const options = { ...defined({ dir, store, natsCreds }), ...(await servingOptions(values)), report };
  const directory = directoryOf(dir);
  if (store === undefined && !existsSync(directory)) report(notices.noLogsYet(directory));
  const server = await Promise.race([serveOnceThere(options), stop]);
  if (typeof server === 'string') return { code: 0, signal: null };
  report(placeOf(server, values));
  if (isOpenAsked) await openBrowser(server, values);
  await stop;
  await server.close();
  return { code: 0, signal: null };
}
