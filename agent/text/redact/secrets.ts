import { shortestSecret } from './redact.ts';

/** Variables that are named like this hold secrets. PWD alone is the working directory. */
const secretNames =
  /(?:^|_)(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|PASS|KEY|APIKEY|CREDENTIALS?|PAT|AUTH)$|PASSWORD$|._PWD$/i;

/** A shorter value of such a variable is more likely to be no secret (`SORT_KEY=name`) than one worth the damage. */
const shortestUnasked = 8;

/**
 * The values of the environment that are secret: by the names of their variables, or because their names were given.
 * @param names further variables, whatever they are called; their values count from 4 characters on, others from 8
 */
export function secretsIn(env: NodeJS.ProcessEnv, names: readonly string[] = []): string[] {
  const values = Object.entries(env).flatMap(([name, value = '']) => {
    if (names.includes(name)) return canBeSecret(value) ? [value] : [];
    return secretNames.test(name) && value.trim().length >= shortestUnasked ? [value] : [];
  });
  return [...new Set(values)];
}

/** Whether the value of a variable is found in lines when its name was given. */
export function canBeSecret(value = ''): boolean {
  return value.trim().length >= shortestSecret;
}
