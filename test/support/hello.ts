import type { Hello } from '../../agent/words/wire.ts';

/** What an agent says about the log of the page at `url`, as it does at the beginning of a stream. */
export async function helloFrom(url: string): Promise<Hello> {
  return (await fetch(`${url}status`)).json();
}

/** Whether the command of the log has ended. */
export async function hasExited(url: string): Promise<boolean> {
  return (await helloFrom(url)).status.state === 'exited';
}
