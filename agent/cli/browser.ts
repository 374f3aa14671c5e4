import type { LogServer } from '../agent.ts';
import type { OptionValues } from './options/options.ts';
import { report } from './report.ts';
import { placeOf } from './settings.ts';

export async function openBrowser(
  page: Pick<LogServer, 'url' | 'entryUrl' | 'openingUrl'>,
  values: OptionValues,
): Promise<void> {
  const { default: open } = await import('open');
  const tellFailure = () => report(`No browser could be opened. The page is at ${placeOf(page, values)}`);
  try {
    const opener = await open(page.openingUrl());
    opener.once('error', tellFailure);
    // As xdg-open(1) has them. Anything else is how a browser ended that it had opened and waited for.
    opener.once('exit', (code) => {
      if (code !== null && code >= 1 && code <= 4) tellFailure();
    });
  } catch {
    tellFailure();
  }
}
