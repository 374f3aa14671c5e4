/** Ids are random; those that a page heard of before it has made up its mind come in their order. */
type Word = { word: 'claim' | 'claiming' | 'held'; id: number };

/** The other pages are in the same browser. */
const answersWithinMs = 200;

/**
 * Takes one of so many slots, for as long as this page lives, where there are no Web Locks: pages ask each other. Of
 * those that ask at the same moment the ones with the lowest ids get what is left.
 */
export async function claimSlot(slots: number): Promise<boolean> {
  const channel = new BroadcastChannel('sse-tail streams');
  const own = Math.random();
  const before = new Set<number>();
  let mine: Word = { word: 'claiming', id: own };
  channel.onmessage = ({ data: { word, id } }: MessageEvent<Word>) => {
    if (word === 'held' || id < own) before.add(id);
    if (word === 'claim') channel.postMessage(mine);
  };
  channel.postMessage({ word: 'claim', id: own } satisfies Word);
  await new Promise((resolve) => setTimeout(resolve, answersWithinMs));
  if (before.size >= slots) {
    channel.close();
    return false;
  }
  mine = { word: 'held', id: own };
  return true;
}
