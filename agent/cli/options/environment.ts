import { notices } from '../sentences.ts';
import type { Option } from './option.ts';
import { type OptionName, type OptionValues, optionNames, options, optionsFor } from './options.ts';
import { envName, isNear } from './spelling.ts';
import type { Task } from './subcommands.ts';
import { parseValue } from './values.ts';

/** @throws SseTailError kind `usage` where a variable of ours holds what its option doesn't take */
export function valuesFromEnvironment(env: NodeJS.ProcessEnv, task: Task): OptionValues {
  const values: Record<string, unknown> = {};
  for (const [name, option] of optionsFor(task)) {
    const given = env[envName(name)];
    if (option.env !== false && given !== undefined && given !== '' && !isMadeUp(name, given, env)) {
      values[name] = parseValue(envName(name), option, given);
    }
  }
  return values;
}

/**
 * Whether Kubernetes or Docker set a variable for a service or a linked container called `sse-tail`, rather than a
 * person who means us: `SSE_TAIL_PORT=tcp://10.0.0.7:7730` and, with Docker, `SSE_TAIL_NAME=/web/sse-tail`.
 */
function isMadeUp(name: OptionName, given: string, env: NodeJS.ProcessEnv): boolean {
  const isAddress = (text: string | undefined) => /^(?:tcp|udp|sctp):\/\//.test(text ?? '');
  if (name === 'name') return /^\/[^/]+\/[^/]+$/.test(given) && isAddress(env[envName('port')]);
  return isAddress(given);
}

/**
 * A sentence for each variable whose name is nearly an option's: somebody meant something by it, and it has no effect.
 * Others that begin with `SSE_TAIL_` may be anybody's: container images and Kubernetes make up such names.
 */
export function misspelledVariables(env: NodeJS.ProcessEnv): string[] {
  const names = optionNames.filter((name) => (options[name] as Option).env !== false).map(envName);
  return Object.keys(env).flatMap((name) => {
    if (!name.startsWith('SSE_TAIL_') || names.includes(name)) return [];
    const near = names.find((candidate) => isNear(candidate, name));
    return near === undefined ? [] : [notices.unknownVariable(name, near)];
  });
}
