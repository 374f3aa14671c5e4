import { mistakes } from '../sentences.ts';
import type { Option } from './option.ts';
import { type OptionName, type OptionValues, optionsFor } from './options.ts';
import type { Task } from './subcommands.ts';

/** An option as it was typed. */
export interface GivenOption {
  name: OptionName;
  /** `-p`, `--port` */
  rawName: string;
  value: string | undefined;
}

/** @throws SseTailError kind `usage` where an option doesn't take its value */
export function valuesOf(given: readonly GivenOption[], task: Task): OptionValues {
  const values: Record<string, unknown> = {};
  const taken = new Map(optionsFor(task));
  for (const { name, rawName, value } of given) {
    const option = taken.get(name) as Option;
    if (option.value === undefined && value !== undefined) throw mistakes.noValueExpected(rawName, value);
    if (option.value !== undefined && value === undefined) throw mistakes.valueMissing(rawName, option.expects);
    const parsed = parseValue(rawName, option, value ?? '1');
    values[name] = option.isList ? [...((values[name] as unknown[]) ?? []), ...(parsed as unknown[])] : parsed;
  }
  return values;
}

/** @throws SseTailError kind `usage`, which names the option or variable as it was given */
export function parseValue(givenAs: string, option: Option, given: string): unknown {
  const value = option.parse(given);
  if (value === undefined) throw mistakes.badValue(givenAs, option.expects, given);
  return value;
}
