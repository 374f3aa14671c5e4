import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { loadPatiently } from '../app/load-patiently.ts';

/** A component whose script is loaded when it is first shown, or fetched before. */
export type LaterComponent<Props> = ComponentType<Props> & { fetch(): Promise<void> };

/** What opens the page has to be small. */
export function lazily<Props extends object>(load: () => Promise<ComponentType<Props>>): LaterComponent<Props> {
  let loaded: ComponentType<Props> | undefined;
  const fetch = async () => {
    loaded = await load();
  };
  function Lazily(props: Props) {
    const [, setLoaded] = useState(false);
    const Loaded = loaded;
    useEffect(() => {
      if (!Loaded) void loadPatiently(fetch).then(() => setLoaded(true));
    }, []);
    return Loaded ? <Loaded {...props} /> : null;
  }
  return Object.assign(Lazily, { fetch });
}
