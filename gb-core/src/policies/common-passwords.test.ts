import { expect, test } from 'vitest';
import { isCommonPassword } from './common-passwords.ts';

test('what guessing programs try first is common', () => {
  for (const word of [
    'password123',
    'P@ssw0rd!!',
    'senha2024senha',
    'qwertyuiop',
    '0987654321',
    'aaaaabbbbbb',
    'Flamengo2024',
    'abcdefghij',
    '1q2w3e4r5t',
  ]) {
    expect([word, isCommonPassword(word)]).toEqual([word, true]);
  }
});

test('the person’s own name, e-mail or organization is common', () => {
  const personal = ['Ana.Prado@example.com', 'Ana Prado', 'Padaria Central'];
  for (const word of ['ana.prado@example.com', 'ana.prado99', 'Padaria Central1'])
    expect([word, isCommonPassword(word, personal)]).toEqual([word, true]);
});

test('a few unrelated words are not', () => {
  for (const word of ['three unrelated long words', 'cavalo grampo bateria', 'xK9#mQ2$vL', 'Ana gosta de barcos azuis']) {
    expect([word, isCommonPassword(word, ['Ana Prado'])]).toEqual([word, false]);
  }
});
