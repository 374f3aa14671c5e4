import type { StreamNews } from './hub.ts';

/** What a page asks for. `lock` is the name of a Web Lock that the page holds as long as it lives. */
export type SharedOrder =
  | { order: 'open'; stream: number; url: string }
  | { order: 'close'; stream: number }
  | { order: 'lock'; name: string };

/** What happened in a page's streams, in order. Without any: the worker is there, and has what it was asked. */
export type SharedNews = { stream: number; news: StreamNews }[];

/** Said where pages meet: another worker serves them now. Else a page says there on which channel it wants to be. */
export const newLeader = '';
