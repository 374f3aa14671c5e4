import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { loadPatiently } from '../app/load-patiently.ts';

/** A component whose script is loaded when it is first shown: what opens the page has to be small. */
export function lazily<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  let loaded: ComponentType<Props> | undefined;
  return function Lazily(props: Props) {
    const [, setLoaded] = useState(false);
    useEffect(() => {
      if (loaded) return;
      void loadPatiently(async () => {
        loaded = await load();
        setLoaded(true);
      });
    }, []);
    const Loaded = loaded;
    return Loaded ? <Loaded {...props} /> : null;
  };
}
