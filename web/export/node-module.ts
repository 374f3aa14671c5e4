import { RE2JS } from 're2js';

/**
 * Stands for `node:module` in the page of an exported log, where no script can be loaded later: the engine that the
 * agent loads when it meets an expression is part of the file.
 */
export const createRequire = () => () => ({ RE2JS });
