import type { Inherited } from '../../../system/inherited.ts';
import type { Stream } from '../../../words/line.ts';
import type { Outcome, WindowSize } from '../../source.ts';
import type { Delivery } from '../signals/deliver.ts';

/** A command that was started, on pipes or on a pseudo-terminal. */
export interface RunningCommand {
  /** Resolves when the command itself has ended; its output may not be read yet. */
  readonly exit: Promise<Outcome>;
  readonly outputs: readonly CommandOutput[];
  /** Of a shell's command line all that it runs gets the signal. */
  kill(signal: NodeJS.Signals): Delivery;
  /** This process may end before the command does. */
  leave(): void;
}

/** What a command prints to one place. */
export interface CommandOutput {
  readonly stream: Stream;
  /** How large the terminal is now, where it is one. */
  readonly terminal?: () => WindowSize;
  /**
   * Passes all of it to `take`, and resolves once nobody has it open any more. A chunk is only valid until `take`
   * returns, or until the promise that it returns resolves; the next one waits for that. To be called once.
   */
  read(take: (chunk: Buffer) => Promise<unknown> | undefined): Promise<void>;
  /** All of it was read: nobody has it open any more. */
  readonly isComplete: boolean;
  /** Waits for no more: `read` ends with what is there already. */
  cut(): void;
  /** The tee of it has lost its reader: the command gets what it would get from a pipe without one. */
  lostReader(): void;
}

/** What to start, on pipes or on a pseudo-terminal. */
export interface CommandLine {
  /** Program and arguments, passed as they are. */
  argv: string[];
  /** It is a shell that runs a text: what it starts belongs to it. */
  shell: boolean;
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** What it is to have as this process had it from its own parent. */
  inherited: Inherited;
}
