import { logListUrl } from '../app/address.ts';
import { Icon } from '../chrome/icons.tsx';
import { Popover } from '../chrome/popover.tsx';
import { agentLinkWords, severalWords } from '../late-words.ts';
import { type Filter, isOn, searchWith } from '../lines/filter.ts';
import { frameIn, otherAlone } from '../several/frame.ts';
import { DownloadMenu } from './download-menu.tsx';

/** What only an agent has. */
export function AgentLinks({ filter }: { filter: Filter }) {
  const isFiltered = isOn(filter);
  const frame = frameIn(location.search);
  return (
    <>
      <a
        class="tool all-logs"
        href={logListUrl(location.pathname)}
        target={frame && '_top'}
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
      {frame?.other && (
        <a
          class="tool close-side"
          href={otherAlone(frame)}
          target="_top"
          onClick={({ currentTarget }) => {
            currentTarget.href = otherAlone(frame);
          }}
          title={severalWords.closeSide}
          aria-label={severalWords.closeSide}
        >
          <Icon name="close" />
        </a>
      )}
    </>
  );
}
