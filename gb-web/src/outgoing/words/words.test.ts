import { expect, test } from 'vitest';
import type { Sentence } from '../../i18n/index.ts';
import { en } from './en.ts';
import { ptBR } from './pt-BR.ts';

const forms = (sentence: Sentence): string[] => (typeof sentence === 'string' ? [sentence] : [sentence.one, sentence.other]);
const placeholders = (sentence: Sentence): string[] =>
  [...new Set(forms(sentence).flatMap((text) => text.match(/\{\w+\}/g) ?? []))].sort();

test('both languages say the same, in the same forms, of the same things', () => {
  for (const [key, sentence] of Object.entries(en)) {
    const other = ptBR[key as keyof typeof en];
    expect(typeof other, key).toBe(typeof sentence);
    expect(placeholders(other), key).toEqual(placeholders(sentence));
    for (const text of forms(other)) expect(text.trim(), key).not.toBe('');
  }
});
