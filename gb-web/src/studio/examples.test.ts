import { expect, test } from 'vitest';
import { fits } from './examples.tsx';

test('an example is found by its name, what it does and what it is made of, whatever the spelling', () => {
  const example = {
    id: 'stand-up',
    name: 'Stand-up',
    description: 'Pergunta a cada um pela manhã',
    scripts: 4,
    keywords: ['SET SCHEDULE', 'TABLE'],
  };
  for (const search of ['', 'stand', 'MANHA', 'schedule manhã', '  table ']) expect(fits(example, search)).toBe(true);
  for (const search of ['webhook', 'schedule webhook']) expect(fits(example, search)).toBe(false);
});
