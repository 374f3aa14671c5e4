/*
 * The types of the public API, as somebody who uses the library meets them. Nothing here runs: `npm run check` fails
 * where an expectation doesn't hold, or where a mistake is no longer one.
 */
import { expectTypeOf } from 'vitest';
import {
  type Agent,
  type AgentInput,
  type AgentOptions,
  createAgent,
  type Log,
  type LogInfo,
  type LogServer,
  type LogStatus,
  type Outcome,
  type ServingOptions,
  SseTailError,
  type StartAt,
  serveLogs,
} from '../../agent/agent.ts';

expectTypeOf(createAgent).parameters.toEqualTypeOf<[AgentOptions]>();
expectTypeOf(createAgent).returns.resolves.toEqualTypeOf<Agent>();
expectTypeOf(serveLogs).returns.resolves.toEqualTypeOf<LogServer>();
expectTypeOf(serveLogs).toBeCallableWith();
expectTypeOf(serveLogs).toBeCallableWith({ dir: 'logs', port: 0 });
expectTypeOf<AgentOptions>().toExtend<ServingOptions>();

// What has to be given, and what needs not.
expectTypeOf<Pick<AgentOptions, 'input'>>().toExtend<AgentOptions>();
expectTypeOf<{ kind: 'files'; paths: string[] }>().toExtend<AgentInput>();
expectTypeOf<{ kind: 'command'; argv: string[] }>().toExtend<AgentInput>();
expectTypeOf<{ kind: 'stdin' }>().toExtend<AgentInput>();
expectTypeOf<StartAt>().toEqualTypeOf<'all' | { last: number } | { line: number }>();

// Mistakes that the compiler finds.
// @ts-expect-error an input is needed
createAgent({});
// @ts-expect-error a command is argv, not a text
createAgent({ input: { kind: 'command', argv: 'npm run build' } });
// @ts-expect-error there is no such input
createAgent({ input: { kind: 'socket' } });
// @ts-expect-error only files start somewhere
createAgent({ input: { kind: 'stdin', start: 'all' } });
// @ts-expect-error American spelling
createAgent({ input: { kind: 'stdin' }, colour: false });
// @ts-expect-error one is no good without the other
createAgent({ input: { kind: 'stdin' }, tls: { cert: 'cert.pem' } });

declare const agent: Agent;
expectTypeOf(agent.url).toBeString();
expectTypeOf(agent.log).toEqualTypeOf<Log>();
expectTypeOf(agent.log.status).toEqualTypeOf<LogStatus>();
expectTypeOf(agent.log.info).toEqualTypeOf<LogInfo>();
expectTypeOf(agent.ended).resolves.toEqualTypeOf<Outcome>();
expectTypeOf(agent.drained).parameter(0).toBeNumber();
// @ts-expect-error where a page is does not change
agent.url = '';

declare const status: LogStatus;
if (status.state === 'exited') expectTypeOf(status.code).toEqualTypeOf<number | null>();
// @ts-expect-error what runs has no exit code yet
if (status.state === 'running') status.code;

declare const error: unknown;
if (error instanceof SseTailError) {
  expectTypeOf(error.kind).toExtend<string>();
  expectTypeOf(error.facts).toEqualTypeOf<Readonly<Record<string, unknown>>>();
}
