import { constants } from 'node:fs';

/** Without O_NONBLOCK, opening a FIFO that took a file's place would hang until somebody writes to it. */
export const readFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
