import { expect, test } from 'vitest';
import { createDates } from './dates.ts';
import { en } from './en.ts';
import { createTranslate, localeFrom, type Sentence } from './index.ts';
import { ptBR } from './pt-BR.ts';

const placeholders = (sentence: Sentence): string[] => {
  const texts = typeof sentence === 'string' ? [sentence] : [sentence.one, sentence.other];
  return [...new Set(texts.flatMap((text) => text.match(/\{\w+\}/g) ?? []))].sort();
};

test('both languages have the same keys, forms and arguments', () => {
  expect(Object.keys(ptBR).sort()).toEqual(Object.keys(en).sort());
  for (const [key, sentence] of Object.entries(en)) {
    const other = ptBR[key as keyof typeof en];
    expect(typeof other, key).toBe(typeof sentence);
    expect(placeholders(other), key).toEqual(placeholders(sentence));
  }
});

test('nothing is left untranslated or empty by mistake', () => {
  for (const [key, sentence] of Object.entries(ptBR)) {
    for (const text of typeof sentence === 'string' ? [sentence] : [sentence.one, sentence.other])
      expect(text.trim(), key).not.toBe('');
  }
});

test('plural forms follow the language', () => {
  const english = createTranslate('en', en);
  const portuguese = createTranslate('pt-BR', ptBR);
  expect(english('side.unread', { count: 1 })).toBe('1 unread message');
  expect(english('side.unread', { count: 0 })).toBe('0 unread messages');
  expect(portuguese('side.unread', { count: 1 })).toBe('1 mensagem não lida');
  expect(portuguese('side.unread', { count: 1234 })).toBe('1.234 mensagens não lidas');
});

test('arguments are put in as they are', () => {
  expect(createTranslate('en', en)('join.title', { organization: '{name} $& <b>' })).toBe('Join {name} $& <b>');
});

test('the browser says which language to begin with', () => {
  expect(localeFrom(['pt-PT', 'en'])).toBe('pt-BR');
  expect(localeFrom(['fr', 'en-GB'])).toBe('en');
  expect(localeFrom([])).toBe('en');
});

test('days are said as people say them', () => {
  const now = new Date(2026, 10, 22, 15).getTime();
  const english = createDates('en', () => now);
  expect(english.day(new Date(2026, 10, 22, 0, 5).getTime())).toBe('Today');
  expect(english.day(new Date(2026, 10, 21, 23, 55).getTime())).toBe('Yesterday');
  expect(english.day(new Date(2026, 10, 20).getTime())).toBe('Friday, November 20');
  expect(createDates('pt-BR', () => now).day(new Date(2025, 0, 5).getTime())).toBe('Domingo, 5 de janeiro de 2025');
  expect(english.ago(now - 3 * 3_600_000)).toBe('3 hours ago');
  expect(english.ago(now + 60_000)).toBe('now');
});
