import { SseTailError } from '../../../words/errors.ts';

/** @throws SseTailError kind `request`, status 400, that names the parameter */
export function parseNumber(
  parameters: URLSearchParams,
  name: string,
  least: number,
  expected: string,
): number | undefined {
  const given = single(parameters, name, expected);
  if (given === undefined) return undefined;
  const number = /^[0-9]+$/.test(given) ? Number(given) : Number.NaN;
  if (!Number.isSafeInteger(number) || number < least) throw malformed(name, expected, given);
  return number;
}

/** @throws SseTailError kind `request`, status 400, that names the parameter */
export function parseSwitch(parameters: URLSearchParams, name: string, absent: boolean): boolean {
  const given = single(parameters, name, '1 or 0');
  if (given === undefined) return absent;
  if (given !== '1' && given !== '0') throw malformed(name, '1 or 0', given);
  return given === '1';
}

/** A parameter that may be given once. @throws SseTailError kind `request`, status 400, that names it */
export function single(parameters: URLSearchParams, name: string, expected: string): string | undefined {
  const [given, ...more] = parameters.getAll(name);
  if (more.length > 0) throw malformed(name, `${expected}, once`, [given, ...more].join(', '));
  return given;
}

export function malformed(parameter: string, expected: string, given: string): SseTailError {
  const message = `Parameter ${parameter}: expected ${expected}, given ${JSON.stringify(given)}.`;
  return new SseTailError('request', message, { status: 400, parameter, expected, given });
}
