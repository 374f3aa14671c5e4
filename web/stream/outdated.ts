/**
 * Whether the agent has another page by now: it was updated while this one was open. The name of a script holds a hash
 * of what is in it. Undefined where no agent answers.
 */
export async function isOutdated(): Promise<boolean | undefined> {
  const script = document.querySelector<HTMLLinkElement>('link[as=script]')?.href;
  try {
    const response = await fetch('./', { cache: 'no-store', redirect: 'manual', headers: { accept: 'text/html' } });
    const page = await response.text();
    const name = script?.split('/').at(-1);
    // What else answers, such as a login page, has no such script at all.
    return response.ok && page.includes('id="over"') && name !== undefined ? !page.includes(name) : undefined;
  } catch {
    return undefined;
  }
}
