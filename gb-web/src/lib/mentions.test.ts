import { expect, test } from 'vitest';
import { splitMentions } from './mentions.ts';

const directory = {
  hasHandle: (handle: string) => ['ana', 'joao.silva', 'channel'].includes(handle),
  hasChannel: (name: string) => ['general', 'café'].includes(name),
};
const kinds = (text: string) =>
  splitMentions(text, directory).map((part) => (part.kind === 'text' ? part.text : [part.kind, part.text]));

test('people and channels that exist are found, others stay text', () => {
  expect(kinds('hi @ana, see #general and @nobody #nowhere')).toEqual([
    'hi ',
    ['person', '@ana'],
    ', see ',
    ['channel', '#general'],
    ' and @nobody #nowhere',
  ]);
});

test('a full stop after a name belongs to the sentence', () => {
  expect(kinds('Ask @ana.')).toEqual(['Ask ', ['person', '@ana'], '.']);
  expect(kinds('Ask @joao.silva.')).toEqual(['Ask ', ['person', '@joao.silva'], '.']);
});

test('an e-mail address and a path are not mentions', () => {
  expect(kinds('mail me@ana or https://x/#general or /@ana')).toEqual(['mail me@ana or https://x/#general or /@ana']);
});

test('capital letters find the same person', () => {
  expect(splitMentions('@Ana', directory)).toEqual([{ kind: 'person', text: '@Ana', handle: 'ana' }]);
});

test('names side by side are both found', () => {
  expect(kinds('@ana @ana')).toEqual([['person', '@ana'], ' ', ['person', '@ana']]);
});
