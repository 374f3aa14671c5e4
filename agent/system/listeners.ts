/** Those who want to hear of something. Each call of `add` is a subscription of its own, also of the same listener. */
export interface Listeners<Listener> extends Iterable<Listener> {
  readonly size: number;
  /** Returns the way to unsubscribe, which may be called twice, and while listeners are being called. */
  add(listener: Listener): () => void;
}

export function createListeners<Listener>(): Listeners<Listener> {
  const listeners = new Map<symbol, Listener>();
  return {
    get size() {
      return listeners.size;
    },
    add(listener) {
      const key = Symbol();
      listeners.set(key, listener);
      return () => listeners.delete(key);
    },
    [Symbol.iterator]: () => listeners.values(),
  };
}
