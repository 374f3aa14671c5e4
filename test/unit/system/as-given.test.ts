import { expect, test } from 'vitest';
import { execFileSync } from '../../support/sync-child.ts';

const at = (file: string) => JSON.stringify(new URL(`../../../agent/${file}`, import.meta.url).href);

test.runIf(process.platform === 'linux')('arguments and variables are read as they were given', () => {
  const code = `
    import { argumentsAsGiven, environmentAsGiven } from ${at('system/inherited.ts')};
    import { rawBytes } from ${at('words/raw-text.ts')};
    const hex = (text) => rawBytes(text).toString('hex');
    console.log(argumentsAsGiven(process.argv.slice(1)).map(hex).join(), hex(environmentAsGiven(process.env).RAW));`;
  const script =
    'RAW=$(printf "caf\\351") exec "$0" --import tsx --input-type=module -e "$1" -- "$(printf "caf\\351")" "" "é"';
  const printed = execFileSync('sh', ['-c', script, process.execPath, code], { encoding: 'utf8' });
  expect(printed.trim()).toBe('636166e9,,c3a9 636166e9');
});
