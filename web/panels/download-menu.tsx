/*
 * What the log can be downloaded as. Tests and user styles may rely on it:
 *
 *   .download-menu
 *     .which input             radio buttons, where a filter is on: shown, all
 *     a[data-kind=html|raw|stripped|ndjson|csv]
 */
import { useState } from 'preact/hooks';
import { downloadWords } from '../late-words.ts';
import { type Filter, isOn, searchWith } from '../lines/filter.ts';
import { Radios } from './radios.tsx';

type Kind = keyof typeof downloadWords.kinds;

const urls: Readonly<Record<Kind, string>> = {
  html: 'export',
  raw: 'raw?download=1',
  stripped: 'raw?strip=1&download=1',
  ndjson: 'events?format=ndjson&follow=0&download=1',
  csv: 'events?format=csv&follow=0&download=1',
};

/** What the header's button opens. */
export function DownloadMenu({ filter }: { filter: Filter }) {
  const isFiltered = isOn(filter);
  const [which, setWhich] = useState<'shown' | 'all'>('shown');
  const chosen = isFiltered && which === 'shown' ? filter : {};
  return (
    <>
      {isFiltered && (
        <Radios
          name="which"
          legend={downloadWords.which}
          options={(['shown', 'all'] as const).map((one) => [one, downloadWords[one]])}
          chosen={which}
          choose={(next) => setWhich(next)}
        />
      )}
      <ul class="downloads">
        {(Object.keys(urls) as Kind[]).map((kind) => (
          <li key={kind}>
            <a class="setting" data-kind={kind} href={urlOf(kind, chosen)} download>
              <span>{downloadWords.kinds[kind][0]}</span>
              <span class="quiet">{downloadWords.kinds[kind][1]}</span>
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}

function urlOf(kind: Kind, filter: Filter): string {
  const [path = '', query = ''] = urls[kind].split('?');
  return path + searchWith(query, filter);
}
