export type Level = 'error' | 'warn' | 'info' | 'debug';

const levels: Record<string, Level> = {
  emerg: 'error',
  emergency: 'error',
  alert: 'error',
  crit: 'error',
  critical: 'error',
  fatal: 'error',
  panic: 'error',
  severe: 'error',
  error: 'error',
  err: 'error',
  fail: 'error',
  ftl: 'error',
  e: 'error',
  f: 'error',
  warning: 'warn',
  warn: 'warn',
  wrn: 'warn',
  w: 'warn',
  notice: 'info',
  info: 'info',
  information: 'info',
  http: 'info',
  inf: 'info',
  i: 'info',
  debug: 'debug',
  trace: 'debug',
  verbose: 'debug',
  verb: 'debug',
  silly: 'debug',
  sill: 'debug',
  dbug: 'debug',
  dbg: 'debug',
  trce: 'debug',
  trc: 'debug',
  vrb: 'debug',
  d: 'debug',
};

/** As they are mostly written: changing the case of a name costs more than all else about it. */
const spelled = new Map(
  Object.entries(levels).flatMap(([name, level]) => [[name, level] as const, [name.toUpperCase(), level] as const]),
);

/** The level of this name, in whatever case it is written. */
export function levelNamed(name: string): Level | undefined {
  const level = spelled.get(name);
  if (level !== undefined) return level;
  const known = name.toLowerCase();
  return Object.hasOwn(levels, known) ? levels[known] : undefined;
}

/** The numbers of bunyan and pino. */
export function levelNumbered(level: number): Level | undefined {
  if (level >= 50) return 'error';
  if (level >= 40) return 'warn';
  if (level >= 30) return 'info';
  return level >= 10 ? 'debug' : undefined;
}

/** RFC 5424, 6.2.1. */
export function levelOfSeverity(severity: number): Level {
  if (severity <= 3) return 'error';
  if (severity === 4) return 'warn';
  return severity === 7 ? 'debug' : 'info';
}
