import { expect, test } from 'vitest';
import { choiceIn, recolored, searchWithChoice, withHighlight } from '../../../../web/reading/choice.ts';

test('a choice is part of the address, and leaves the rest of it alone', () => {
  const choice = {
    columns: ['req.url', 'a&b'],
    highlights: [{ color: 'green' as const, text: 'time: out & more' }],
  };
  const search = searchWithChoice('?q=x&column=old&highlight=red:y', choice);
  expect(search).toBe('?q=x&column=req.url&column=a%26b&highlight=green:time%3A%20out%20%26%20more');
  expect(choiceIn(search)).toEqual(choice);
  expect(searchWithChoice(search, { columns: [], highlights: [] })).toBe('?q=x');
  expect(searchWithChoice('?column=a', { columns: [], highlights: [] })).toBe('');
});

test('what is no choice in an address is passed over', () => {
  expect(choiceIn('?column=&highlight=&highlight=green&highlight=puce:x&highlight=green:')).toEqual({
    columns: [],
    highlights: [],
  });
  expect(
    choiceIn(`?${'column=a&'.repeat(3)}${Array.from({ length: 50 }, (_, at) => `column=${at}`).join('&')}`),
  ).toEqual({ columns: ['a', ...Array.from({ length: 11 }, (_, at) => String(at))], highlights: [] });
});

test('each highlight takes a color that is free, and has one', () => {
  const three = ['a', 'b', 'c'].reduce((all, text) => withHighlight(all, text), [] as ReturnType<typeof withHighlight>);
  expect(three.map(({ color }) => color)).toEqual(['yellow', 'green', 'blue']);
  expect(withHighlight(three, 'a').map(({ text }) => text)).toEqual(['b', 'c', 'a']);
  expect(recolored(three, 'b').map(({ color }) => color)).toEqual(['yellow', 'blue', 'blue']);
});
