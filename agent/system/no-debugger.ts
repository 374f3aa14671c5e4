/*
 * Imported for its effect, and first: SIGUSR1, by which people tell a program to open its logs anew, opens Node's
 * debugger on 127.0.0.1:9229 to every user of this machine until somebody listens to the signal. Whoever is to get it
 * listens as well.
 */

process.on('SIGUSR1', () => {});

/**
 * Closes a debugger that the signal has opened before the first line of this program ran; one that was asked for stays.
 */
export async function closeDebugger(): Promise<void> {
  const isAskedFor = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].some((option) =>
    option.includes('--inspect'),
  );
  if (isAskedFor || !process.features.inspector) return;
  const { close, url } = await import('node:inspector');
  if (url() !== undefined) close();
}
