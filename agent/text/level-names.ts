export type Level = 'error' | 'warn' | 'info' | 'debug';

const names: Record<Level, string> = {
  error: 'emerg emergency alert crit critical fatal panic severe error err fail ftl e f',
  warn: 'warning warn wrn w',
  info: 'notice info information http inf i',
  debug: 'debug trace verbose verb silly sill dbug dbg trce trc vrb d',
};

/** Also in capitals, as many are written: changing the case of a name costs more than all else about it. */
const levels = new Map(
  Object.entries(names).flatMap(([level, all]) =>
    `${all} ${all.toUpperCase()}`.split(' ').map((name) => [name, level as Level] as const),
  ),
);

/** The level of this name, in whatever case it is written. */
export function levelNamed(name: string): Level | undefined {
  return levels.get(name) ?? levels.get(name.toLowerCase());
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
