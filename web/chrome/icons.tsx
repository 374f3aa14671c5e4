/** The page's pictures: 16 by 16, drawn in the text's color. */
const paths = {
  download: 'M8 2.5v7m0 0L5 6.8m3 2.7l3-2.7M3 13h10',
  raw: 'M4 2.5h5.5L12 5v8.5H4zM6 7h4M6 9.2h4M6 11.4h2.5',
  beside: 'M2.5 3.5h4.8v9H2.5zM8.7 3.5h4.8v9H8.7z',
  side: 'M2.5 3.5h11v9h-11zM6.5 3.5v9',
  logs: 'M2.5 4h1m2.5 0h7.5M2.5 8h1m2.5 0h7.5M2.5 12h1m2.5 0h7.5',
  sources: 'M8 2.5l5.5 3L8 8.5l-5.5-3zM2.5 8.2L8 11.2l5.5-3M2.5 10.8L8 13.8l5.5-3',
  filter: 'M2.5 3.5h11L9.5 8.3v4l-3 1.4V8.3z',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.3 10.3l3.2 3.2',
  up: 'M8 13V3.5m0 0L4 7.3m4-3.8l4 3.8',
  outline: 'M3 3.5h10M5.5 7.8h7.5M5.5 12.2h7.5',
  timeline: 'M3 13V9m3.3 4V5m3.4 8V7.5M13 13V3',
  plus: 'M8 3.5v9M3.5 8h9',
  settings: 'M2.5 4.5h6m3 0h2M2.5 11.5h2m3 0h6M8.5 3v3m-4 4v3',
  down: 'M8 3v9.5m0 0L4 8.7m4 3.8l4-3.8',
  warning: 'M8 3l5.5 10h-11zM8 7v2.5M8 11.4v.1',
  close: 'M4.5 4.5l7 7m0-7l-7 7',
  success: 'M3.5 8.5l3 3 6-7',
  failure: 'M4.5 4.5l7 7m0-7l-7 7',
  quiet: 'M4 8h8',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
