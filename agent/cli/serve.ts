import { serveLogs } from '../agent.ts';
import type { Outcome } from '../sources/source.ts';
import { defined } from '../words/defined.ts';
import { openBrowser } from './browser.ts';
import type { OptionValues } from './options/options.ts';
import { report } from './report.ts';
import { placeOf, servingOptions } from './settings.ts';
import { endingSignal } from './signals.ts';

export async function serve(values: OptionValues): Promise<Outcome> {
  const { dir, open: isOpenAsked } = values;
  const stop = endingSignal();
  const server = await serveLogs({ ...defined({ dir }), ...(await servingOptions(values)), report });
  report(placeOf(server, values));
  if (isOpenAsked) await openBrowser(server, values);
  await stop;
  await server.close();
  return { code: 0, signal: null };
}
