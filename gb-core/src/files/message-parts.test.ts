import type { Card, Form, FormField } from 'gb-protocol';
import { expect, test } from 'vitest';
import type { Tx } from '../ports/index.ts';
import { partsOf } from './message-parts.ts';

/** As a program wrote them; nothing here has a file, so that nothing is asked of the database. */
async function shown(...fields: readonly object[]): Promise<readonly FormField[]> {
  const parts = await partsOf({} as Tx, 'bot' as never, { form: { name: 'order', fields: fields as readonly FormField[] } });
  return parts!.form!.fields;
}

test('a field has the type that HEAR AS and PARAM call it by, in any letters', async () => {
  const written = ['integer', 'Number', 'MONEY', 'longtext', 'MOBILE', 'hour', 'DATE', 'image'];
  const fields = await shown(...written.map((type) => ({ name: type, label: type, type })));
  expect(fields.map(({ type }) => type)).toEqual(['number', 'number', 'number', 'longText', 'phone', 'time', 'date', 'file']);
});

test('what nobody knows is text, or a choice when there are some', async () => {
  expect(
    await shown(
      { name: 'a', label: 'A', type: 'constructor' },
      { name: 'b', label: 'B' },
      { name: 'c', label: 'C', choices: ['tea', 'cake'] },
      { name: 'd', label: 'D', type: 'choice', choices: 'tea' },
      { name: 'e', label: 'E', type: 'choice', choices: [] },
    ),
  ).toEqual([
    { name: 'a', label: 'A', type: 'text' },
    { name: 'b', label: 'B', type: 'text' },
    { name: 'c', label: 'C', type: 'choice', choices: ['tea', 'cake'] },
    { name: 'd', label: 'D', type: 'text' },
    { name: 'e', label: 'E', type: 'text' },
  ]);
});

test('what is no list where one belongs is left out, and fails nothing', async () => {
  const card = { title: 'C', text: 5, facts: 'none', buttons: 7, imageId: 3 } as unknown as Card;
  expect(await partsOf({} as Tx, 'bot' as never, { card })).toEqual({ card: { title: 'C', text: '5' } });
  const odd = {
    facts: [null, 'x', { name: 'Total', value: 3 }, { label: 'Due', value: 'now' }],
    buttons: [null, { label: null }, { label: 'Pay', url: 4 }],
  };
  expect(await partsOf({} as Tx, 'bot' as never, { card: odd as unknown as Card })).toEqual({
    card: {
      facts: [
        { name: 'Total', value: '3' },
        { name: 'Due', value: 'now' },
      ],
    },
  });
  for (const fields of ['none', [null, 5, 'a'], null, {}]) {
    const form = { name: 'f', fields } as unknown as Form;
    expect(await partsOf({} as Tx, 'bot' as never, { form })).toBeNull();
  }
});
