import '../styles/theme.css';
import '../styles/list.css';
import '../styles/chrome.css';
import '../styles/menus.css';
import '../styles/finding.css';
import '../styles/reading.css';
import '../styles/several.css';
import { snapshotWords } from '../late-words.ts';
import { startPage } from '../page.tsx';
import { embeddedBackend } from './embedded-backend.ts';
import { openEmbeddedLog } from './embedded-log.ts';

/** The page of a log that was exported: opened from a file, without an agent. */
async function start(): Promise<void> {
  if (typeof DecompressionStream !== 'function') return say(snapshotWords.oldBrowser);
  try {
    startPage(await embeddedBackend(await openEmbeddedLog(document)));
  } catch {
    say(snapshotWords.broken);
  }
}

function say(sentence: string): void {
  const paragraph = document.createElement('p');
  paragraph.className = 'empty';
  paragraph.textContent = sentence;
  document.body.append(paragraph);
}

void start();
