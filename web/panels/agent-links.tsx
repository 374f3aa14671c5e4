import { logListUrl } from '../app/address.ts';
import { Icon } from '../chrome/icons.tsx';
import { Popover } from '../chrome/popover.tsx';
import { agentLinkWords } from '../late-words.ts';
import { type Filter, isFiltering, searchWith } from '../lines/filter.ts';
import { DownloadMenu } from './download-menu.tsx';

/** What only an agent has. */
export function AgentLinks({ filter }: { filter: Filter }) {
  const isFiltered = isFiltering(filter);
  return (
    <>
      <a
        class="tool all-logs"
        href={logListUrl(location.pathname)}
        title={agentLinkWords.allLogsTitle}
        aria-label={agentLinkWords.allLogs}
      >
        <Icon name="logs" />
      </a>
      <a
        class="tool raw"
        href={`raw${searchWith('', filter)}`}
        target="_blank"
        rel="noopener"
        title={agentLinkWords.rawTitle(isFiltered)}
        aria-label={agentLinkWords.raw}
      >
        <Icon name="raw" />
      </a>
      <Popover name="download" icon="download" label={agentLinkWords.download}>
        <DownloadMenu filter={filter} />
      </Popover>
    </>
  );
}
