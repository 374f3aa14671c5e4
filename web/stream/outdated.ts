/**
 * Whether the agent has another page by now: it was updated while this one was open. The name of a script holds a hash
 * of what is in it.
 */
export async function isOutdated(): Promise<boolean> {
  const script = document.querySelector<HTMLLinkElement>('link[as=script]')?.href;
  try {
    const response = await fetch('./', { cache: 'no-store', redirect: 'manual', headers: { accept: 'text/html' } });
    const page = await response.text();
    // What else answers, such as a login page, has no such script at all.
    const name = script?.split('/').at(-1);
    return response.ok && page.includes('id="over"') && name !== undefined && !page.includes(name);
  } catch {
    return false;
  }
}
