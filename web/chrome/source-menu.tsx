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
import type { Stream } from '../../agent/words/line.ts';
import { isSelective, type Selection } from '../../agent/words/selection.ts';
import type { Status } from '../../agent/words/wire.ts';
import { isShown, onlySources, type SourceTag, tagsOf, withSources } from '../lines/sources.ts';
import { sourceWords } from '../words.ts';
import { Popover } from './popover.tsx';

interface Props {
  sources: readonly string[];
  selection: Selection;
  status: Status | undefined;
  choose(selection: Selection): void;
}

const mostColumns = 40;
/** Fewer are found at a glance. */
const searchableSources = 9;

export function SourceMenu({ sources, selection, status, choose }: Props) {
  const hasStreams = status !== undefined && status.state !== 'following' && status.state !== 'waiting';
  if (sources.length < 2 && !hasStreams && !isSelective(selection)) return null;
  return (
    <Popover name="sources" icon="sources" label={sourceWords.title} words={summary(sources, selection)}>
      {sources.length > 1 && <Sources sources={sources} selection={selection} choose={choose} />}
      {(hasStreams || selection.stream) && <Streams selection={selection} choose={choose} />}
    </Popover>
  );
}

/** What is shown, in a word or two; undefined where it is everything. */
export function summary(sources: readonly string[], selection: Selection): string | undefined {
  const shown = sources.filter((name) => isShown(selection, name)).length;
  const ofSources = shown === sources.length ? undefined : sourceWords.summary(shown, sources.length);
  const words = [ofSources, selection.stream?.join(', ')].filter(Boolean);
  return words.length > 0 ? words.join(' · ') : isSelective(selection) ? sourceWords.filtered : undefined;
}

function Sources({ sources, selection, choose }: Omit<Props, 'status'>) {
  const [search, setSearch] = useState('');
  const tags = useMemo(() => tagsOf(sources, mostColumns), [sources]);
  const found = useMemo(() => {
    const words = search.toLowerCase().trim();
    return sources.filter((name) => name.toLowerCase().includes(words));
  }, [sources, search]);
  const set = (names: readonly string[], areShown: boolean) => choose(withSources(selection, names, areShown, sources));
  // The header is drawn with every line that comes: a thousand rows have to be left alone then.
  const list = useMemo(
    () => (
      <ul class="source-list">
        {found.map((name) => (
          <SourceRow
            key={name}
            tag={tags.get(name)}
            isShown={isShown(selection, name)}
            show={(areShown) => set([name], areShown)}
            only={() => choose(onlySources(selection, [name]))}
          />
        ))}
      </ul>
    ),
    [found, tags, selection, choose],
  );
  return (
    <div class="source-choice">
      {sources.length >= searchableSources && (
        <input
          type="search"
          placeholder={sourceWords.find(sources.length)}
          aria-label={sourceWords.findLabel}
          autocomplete="off"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      )}
      <div class="source-buttons">
        <button type="button" class="all" onClick={() => set(found, true)}>
          {search ? sourceWords.showThese : sourceWords.showAll}
        </button>
        <button type="button" class="none" onClick={() => set(found, false)}>
          {search ? sourceWords.hideThese : sourceWords.hideAll}
        </button>
        {search && (
          <button type="button" class="only-found" onClick={() => choose(onlySources(selection, found))}>
            {sourceWords.onlyThese}
          </button>
        )}
      </div>
      {list}
      {found.length === 0 && <p class="none-found">{sourceWords.none}</p>}
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
      <button type="button" class="only" aria-label={sourceWords.onlyLabel(tag.name)} onClick={only}>
        {sourceWords.only}
      </button>
    </li>
  );
}

const streamChoices: readonly (readonly [string, readonly Stream[] | undefined])[] = [
  [sourceWords.both, undefined],
  ['stdout', ['stdout']],
  ['stderr', ['stderr']],
];

function Streams({ selection, choose }: Pick<Props, 'selection' | 'choose'>) {
  const { stream, ...rest } = selection;
  const chosen = stream?.length === 1 ? stream[0] : sourceWords.both;
  return (
    <fieldset class="setting streams">
      <legend>{sourceWords.output}</legend>
      <span class="choices">
        {streamChoices.map(([name, streams]) => (
          <label key={name}>
            <input
              type="radio"
              name="stream"
              checked={name === chosen}
              onChange={() => choose({ ...rest, ...(streams && { stream: streams }) })}
            />
            <span>{name}</span>
          </label>
        ))}
      </span>
    </fieldset>
  );
}
