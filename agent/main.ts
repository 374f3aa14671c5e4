#!/usr/bin/env node
import { keepCompiledCode } from './cli/compile-cache.ts';
import { closeDebugger } from './system/no-debugger.ts';
import './system/engine.ts';
import { argumentsAsGiven } from './system/inherited.ts';
import './system/removed-directory.ts';
import './system/shared-pipes.ts';

keepCompiledCode();
// What is imported above runs before anything else is even loaded.
const { run } = await import('./cli/run.ts');
await closeDebugger();
await run(argumentsAsGiven(process.argv.slice(2)));
