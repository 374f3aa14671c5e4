/*
 * What is shown of a log of several sources. Tests and user styles may rely on it:
 *
 *   button.sources-button         ".tool-words" says what is shown where that is not everything: "2 of 5", "stderr"
 *   .sources-menu
 *     input[type=search]          where there are many
 *     button.all, button.none     of the sources that the search finds
 *     ul.source-list > li         label > input[type=checkbox] + .tag; the full name is the title; button.only
 *     .streams input              radio buttons: both, stdout, stderr
 */
import { useMemo, useState } from 'preact/hooks';
import type { KindStatus } from '../app/status-words.ts';
import { bareField } from '../chrome/bare-field.ts';
import { Button } from '../chrome/button.tsx';
import { sourceMenuWords } from '../late-words.ts';
import type { Filter } from '../lines/filter.ts';
import { hasStreams, isShown, namesWith, onlySources, type SourceTag, tagsOf, withSources } from '../lines/sources.ts';
import { Radios } from './radios.tsx';

interface Props {
  sources: readonly string[];
  filter: Filter;
  status: KindStatus | undefined;
  choose(filter: Filter): void;
}

const mostColumns = 40;
/** Fewer are found at a glance. */
const searchableSources = 9;

/** What the header's button opens: which sources and outputs are shown. */
export function SourceMenu({ sources, filter, status, choose }: Props) {
  return (
    <>
      {(sources.length > 1 || sources.some((name) => !isShown(filter, name))) && (
        <Sources sources={sources} filter={filter} choose={choose} />
      )}
      {(hasStreams(status) || filter.stream) && <Streams filter={filter} choose={choose} />}
    </>
  );
}

function Sources({ sources, filter, choose }: Omit<Props, 'status'>) {
  const [search, setSearch] = useState('');
  const tags = useMemo(() => tagsOf(sources, mostColumns), [sources]);
  const found = useMemo(() => namesWith(search, sources), [sources, search]);
  const set = (names: readonly string[], areShown: boolean) => choose(withSources(filter, names, areShown, sources));
  // The header is drawn with every line that comes: a thousand rows have to be left alone then.
  const list = useMemo(
    () => (
      <ul class="source-list">
        {found.map((name) => (
          <SourceRow
            key={name}
            tag={tags.get(name)}
            isShown={isShown(filter, name)}
            show={(areShown) => set([name], areShown)}
            only={() => choose(onlySources(filter, [name]))}
          />
        ))}
      </ul>
    ),
    [found, tags, filter, choose],
  );
  return (
    <div class="source-choice">
      {sources.length >= searchableSources && (
        <input
          type="search"
          placeholder={sourceMenuWords.find(sources.length)}
          aria-label={sourceMenuWords.findLabel}
          {...bareField}
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      )}
      <div class="source-buttons">
        <Button class="all" onClick={() => set(found, true)}>
          {search ? sourceMenuWords.showThese : sourceMenuWords.showAll}
        </Button>
        <Button class="none" onClick={() => set(found, false)}>
          {search ? sourceMenuWords.hideThese : sourceMenuWords.hideAll}
        </Button>
        {search && (
          <Button class="only-found" onClick={() => choose(onlySources(filter, found))}>
            {sourceMenuWords.onlyThese}
          </Button>
        )}
      </div>
      {list}
      {found.length === 0 && <p class="none-found">{sourceMenuWords.none}</p>}
    </div>
  );
}

interface RowProps {
  tag: SourceTag | undefined;
  isShown: boolean;
  show(isShown: boolean): void;
  only(): void;
}

function SourceRow({ tag, isShown, show, only }: RowProps) {
  if (!tag) return null;
  return (
    <li class={isShown ? undefined : 'off'}>
      <label title={tag.name}>
        <input type="checkbox" checked={isShown} onChange={(event) => show(event.currentTarget.checked)} />
        <span class="tag" style={{ '--hue': String(tag.hue) }}>
          {tag.label}
        </span>
      </label>
      <Button class="only" aria-label={sourceMenuWords.onlyLabel(tag.name)} onClick={only}>
        {sourceMenuWords.only}
      </Button>
    </li>
  );
}

const streamOptions = [
  ['both', sourceMenuWords.both],
  ['stdout', 'stdout'],
  ['stderr', 'stderr'],
] as const;

function Streams({ filter, choose }: Pick<Props, 'filter' | 'choose'>) {
  const { stream, ...rest } = filter;
  return (
    <Radios
      name="streams"
      legend={sourceMenuWords.output}
      options={streamOptions}
      chosen={(stream?.length === 1 && stream[0]) || 'both'}
      choose={(next) => choose({ ...rest, ...(next !== 'both' && { stream: [next] }) })}
    />
  );
}
