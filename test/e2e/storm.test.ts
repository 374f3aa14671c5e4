import { it } from 'vitest';
import { viewerDir } from '../../agent/system/package.ts';
import { sitOutStorm, stormText } from '../scenarios/storm.ts';
import { startBrowser } from '../support/browser.ts';
import { serveLog } from '../support/served-log.ts';

it('40,000 lines through a network that cuts 20 times: every client sees every line once, in order', async () => {
  await using served = await serveLog({ viewerDir, retryMs: 40 });
  await using browser = await startBrowser();
  await sitOutStorm({
    port: served.server.port,
    lines: 40_000,
    cuts: 20,
    async write(lines) {
      while (served.log.journal.lastId < lines) {
        const first = served.log.journal.lastId + 1;
        const count = Math.min(lines - first + 1, 1 + Math.floor(Math.random() * 300));
        await served.append(Array.from({ length: count }, (_, i) => stormText(first + i)));
      }
    },
    browser,
    deadlineMs: 60_000,
  });
});
