import { beforeEach } from 'vitest';
import { closerOfLaterPages } from './open-pages.ts';

// vitest's set-up of each file: a test's pages end with it. Tests that run at once close theirs themselves.
beforeEach(({ task }) => (task.concurrent === true ? undefined : closerOfLaterPages()));
