import { secretsInAddress } from '../../journal/nats/cluster/store-address.ts';
import { mistakes } from '../sentences.ts';
import type { InputKind, Option } from './option.ts';
import { type OptionName, type OptionValues, optionNames, options } from './options.ts';
import { envName, longName } from './spelling.ts';

/** Groups of options of which at most one can hold. */
const alternatives: OptionName[][][] = [
  [['token'], ['tokenFile'], ['noAuth']],
  [['socket'], ['host', 'port']],
  [['socket'], ['open']],
  [['noServe'], ['open']],
  [['noRedact'], ['redact', 'redactPattern']],
  [['name'], ['noKeep']],
  [['json'], ['count']],
  [['json'], ['onlyMatching']],
  [['lines'], ['from', 'tail']],
  [['count'], ['follow']],
];

/** Options that only mean something together with another one. */
const dependents: readonly { name: OptionName; needs: OptionName }[] = [
  { name: 'socketMode', needs: 'socket' },
  { name: 'socketGroup', needs: 'socket' },
  { name: 'size', needs: 'tty' },
  { name: 'noServe', needs: 'store' },
  { name: 'natsCreds', needs: 'store' },
];

/**
 * The values that hold. An option on the command line wins over the variables of its alternatives.
 *
 * @throws SseTailError kind `usage` where options contradict each other
 */
export function settle(given: OptionValues, fromEnv: OptionValues): OptionValues {
  const values = { ...fromEnv, ...given };
  for (const group of alternatives) settleGroup(group, given, values);
  for (const { name, needs } of dependents) {
    if (isAsked(values[needs])) continue;
    if (given[name] !== undefined) throw mistakes.needs(longName(name), longName(needs));
    delete values[name];
  }
  if (values.tlsCert === undefined && values.tlsKey !== undefined) throw mistakes.needs('--tls-key', '--tls-cert');
  if (values.tlsKey === undefined && values.tlsCert !== undefined) throw mistakes.needs('--tls-cert', '--tls-key');
  refuseEmptyRange(values);
  if (given.store !== undefined && secretsInAddress(given.store).length > 0) {
    throw mistakes.secretInArguments('--store', envName('store'), longName('natsCreds'));
  }
  return values;
}

function refuseEmptyRange({ lines, from, to = Number.POSITIVE_INFINITY }: OptionValues): void {
  const [first, name] = typeof lines === 'object' && 'line' in lines ? [lines.line, '--lines'] : [from ?? 1, '--from'];
  if (to < first) throw mistakes.badValue('--to', `a line number not below ${name} (${first})`, String(to));
}

function settleGroup(group: OptionName[][], given: OptionValues, values: OptionValues): void {
  const asked = group.filter((names) => names.some((name) => isAsked(given[name])));
  if (asked.length > 0) {
    for (const name of group.flat()) if (!asked.flat().includes(name)) delete values[name];
  }
  const held = group.flatMap((names) => names.filter((name) => isAsked(values[name])).slice(0, 1));
  const [one, other] = held.map(longName);
  if (one !== undefined && other !== undefined) throw mistakes.exclusive(one, other);
}

/** A variable turns a flag off as well; the port 0 is a port like any other. */
function isAsked(value: unknown): boolean {
  return value !== undefined && value !== false;
}

/** @throws SseTailError kind `usage` where an option on the command line is for another kind of input */
export function refuseForeign(values: OptionValues, kind: InputKind): void {
  for (const name of optionNames) {
    const { inputs }: Option = options[name];
    if (values[name] === undefined || inputs === undefined || inputs.includes(kind)) continue;
    throw mistakes.otherInput(longName(name), inputs, kind);
  }
}
