import { describe, expect, it } from 'vitest';
import { createListeners } from '../../../agent/system/listeners.ts';

describe('listeners', () => {
  it('hear in the order in which they came, once for each subscription', () => {
    const heard: string[] = [];
    const listeners = createListeners<() => void>();
    const first = () => heard.push('first');
    const leave = listeners.add(first);
    listeners.add(() => heard.push('second'));
    listeners.add(first);
    for (const listener of listeners) listener();
    leave();
    leave();
    for (const listener of listeners) listener();
    expect(heard).toEqual(['first', 'second', 'first', 'second', 'first']);
    expect(listeners.size).toBe(2);
  });

  it('may leave while they are called', () => {
    const heard: string[] = [];
    const listeners = createListeners<() => void>();
    const leave = listeners.add(() => {
      heard.push('leaves');
      leave();
      leaveOther();
    });
    const leaveOther = listeners.add(() => heard.push('has left'));
    listeners.add(() => heard.push('stays'));
    for (const listener of listeners) listener();
    expect(heard).toEqual(['leaves', 'stays']);
  });
});
