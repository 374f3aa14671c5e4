import { codesOf } from './scan.ts';

/**
 * What a control sequence with these final characters does, by ECMA-48 and xterm's ctlseqs: one table for a row and a
 * screen.
 */
const actions = {
  '@': 'insertCells',
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  E: 'nextRows',
  F: 'previousRows',
  G: 'column',
  H: 'position',
  I: 'tabs',
  J: 'eraseDisplay',
  K: 'eraseRow',
  L: 'insertRows',
  M: 'deleteRows',
  P: 'deleteCells',
  S: 'scrollUp',
  T: 'scrollDown',
  X: 'eraseCells',
  Z: 'backTabs',
  '`': 'column',
  a: 'right',
  b: 'repeat',
  d: 'row',
  e: 'down',
  f: 'position',
  g: 'clearTabs',
  j: 'left',
  k: 'up',
  r: 'margins',
  s: 'save',
  u: 'restore',
} as const;

export type CsiAction = (typeof actions)[keyof typeof actions];

export interface Csi {
  action: CsiAction;
  /** The first parameter, at least 1 and no larger than any screen. */
  count: number;
  /** The parameters as they are; 0 where they are left out. */
  first: number;
  second: number;
}

/** What a control sequence asks for; undefined where it is none of the table, or has a private marker. */
export function readCsi(final: string, params: string): Csi | undefined {
  if (!(final in actions) || !/^[\d;]*$/.test(params)) return undefined;
  const action = actions[final as keyof typeof actions];
  // With parameters these set margins or key codes.
  if ((action === 'save' || action === 'restore') && params !== '') return undefined;
  const [first = 0, second = 0] = params.split(';').map(Number);
  return { action, count: Math.min(Math.max(first, 1), 0xffff), first, second };
}

/** Those that need more than the row that the cursor is in, and so a screen. */
const ofScreen: ReadonlySet<CsiAction> = new Set<CsiAction>([
  ...([
    'up',
    'down',
    'nextRows',
    'previousRows',
    'position',
    'insertRows',
    'deleteRows',
    'scrollUp',
    'scrollDown',
  ] as const),
  ...(['row', 'margins', 'save', 'restore', 'clearTabs'] as const),
]);

/** Those that mean nothing where there is one row and nothing else. */
const notOfRow: ReadonlySet<CsiAction> = new Set<CsiAction>([
  ...(['up', 'down', 'insertRows', 'deleteRows', 'scrollUp', 'scrollDown', 'row', 'margins', 'clearTabs'] as const),
]);

function finalsOf(isWanted: (action: CsiAction) => boolean): ReadonlySet<number> {
  const finals = Object.entries(actions).filter(([, action]) => isWanted(action));
  return codesOf(finals.map(([final]) => final).join(''));
}

/** Finals that change a row or where its cursor is. */
export const rowFinals = finalsOf((action) => !notOfRow.has(action));
export const screenFinals = finalsOf((action) => ofScreen.has(action));
