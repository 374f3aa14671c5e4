/** Whoever wants to hear of something, in the order of their coming. They stay as long as what they listen to. */
export interface Listeners<News extends unknown[]> {
  add(listener: (...news: News) => void): void;
  tell(...news: News): void;
}

export function createListeners<News extends unknown[] = []>(): Listeners<News> {
  const listeners: ((...news: News) => void)[] = [];
  return {
    add: (listener) => listeners.push(listener),
    tell: (...news) => {
      for (const listener of listeners) listener(...news);
    },
  };
}
