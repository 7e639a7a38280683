import { expect, test } from 'vitest';
import { type MailTrigger, recipientFor } from './mail-match.ts';

const trigger = (more: Partial<MailTrigger> = {}): MailTrigger => ({
  kind: 'email',
  script: 'a.bas',
  address: 'help@example.com',
  from: null,
  subject: null,
  ...more,
});
const mail = { from: { address: 'Ana@Shop.example', name: 'Ana Conceição' }, subject: 'Re: Your INVOICE of May' };

test('an address gets its own mail and that of its plus-addresses, whatever the capitals', () => {
  const at = (to: string) => recipientFor(trigger(), mail, ['other@example.com', to]);
  expect(at('help@example.com')).toBe('help@example.com');
  expect(at('Help@EXAMPLE.com')).toBe('Help@EXAMPLE.com');
  expect(at('help+order17@example.com')).toBe('help+order17@example.com');
  for (const other of [
    'helper@example.com',
    'help@example.com.evil.org',
    'x.help@example.com',
    'help@sub.example.com',
    '+help@example.com',
  ])
    expect(at(other), other).toBeNull();
  expect(recipientFor(trigger({ address: 'help+a@example.com' }), mail, ['help+b@example.com'])).toBeNull();
  expect(recipientFor(trigger({ address: 'help+a@example.com' }), mail, ['help+A@example.com'])).toBe('help+A@example.com');
});

test('a domain gets everything of it, and no address everything there is', () => {
  for (const address of ['@example.com', '*@example.com']) {
    expect(recipientFor(trigger({ address }), mail, ['x@example.org', 'any@example.com'])).toBe('any@example.com');
    expect(recipientFor(trigger({ address }), mail, ['any@notexample.com'])).toBeNull();
  }
  for (const address of [null, '*']) {
    expect(recipientFor(trigger({ address }), mail, ['x@example.org'])).toBe('x@example.org');
    expect(recipientFor(trigger({ address }), mail, [])).toBe('');
  }
  expect(recipientFor(trigger(), mail, [])).toBeNull();
});

test('FROM is an address, a domain, or part of a name; SUBJECT is a part of it; accents and capitals do not matter', () => {
  const is = (more: Partial<MailTrigger>) => recipientFor(trigger({ address: '*', ...more }), mail, ['b@c.d']) !== null;
  for (const from of ['ana@shop.example', 'ANA@SHOP.EXAMPLE', '@shop.example', 'conceicao', 'Ana Conceição', 'shop.example'])
    expect(is({ from }), from).toBe(true);
  for (const from of ['na@shop.example', '@example', '@evil-shop.example', 'rui']) expect(is({ from }), from).toBe(false);
  for (const subject of ['invoice', 'your  invoice', 'RE:']) expect(is({ subject }), subject).toBe(true);
  expect(is({ subject: 'order' })).toBe(false);
  expect(is({ from: 'ana', subject: 'order' })).toBe(false);
  expect(recipientFor(trigger({ from: 'ana' }), { ...mail, from: null }, ['help@example.com'])).toBeNull();
});
