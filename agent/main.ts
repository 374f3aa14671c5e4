#!/usr/bin/env node
import { keepCompiledCode } from './cli/compile-cache.ts';
import { closeDebugger } from './system/startup/no-debugger.ts';
import './system/startup/engine.ts';
import { argumentsAsGiven } from './system/inherited.ts';
import './system/startup/removed-directory.ts';
import './system/shared-pipes.ts';

keepCompiledCode();
// What is imported above runs before anything else is even loaded.
const { run } = await import('./cli/run.ts');
await closeDebugger();
await run(argumentsAsGiven(process.argv.slice(2)));
