import { expect, test } from 'vitest';
import { readMail, receivedLimits } from './read-mail.ts';

const read = (text: string) => readMail(Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1'));

/** Parts in one another, the innermost with a text. */
function nested(depth: number): string {
  const open = Array.from({ length: depth }, (_, at) => `Content-Type: multipart/mixed; boundary="b${at}"\n\n--b${at}\n`).join(
    '',
  );
  const close = Array.from({ length: depth }, (_, at) => `\n--b${depth - 1 - at}--\n`).join('');
  return `From: a@example.com\n${open}Content-Type: text/plain\n\nhello${close}`;
}

test('a mail is its words, whoever wrote it with what', async () => {
  const plain = await read('From: Ana <Ana@Example.com>\nTo: help@example.com, x@example.org\nSubject: Hi\n\nHello\nthere\n');
  expect(plain).toMatchObject({
    from: { address: 'Ana@Example.com', name: 'Ana' },
    to: ['help@example.com', 'x@example.org'],
    subject: 'Hi',
    text: 'Hello\nthere',
    messageId: null,
    sentAt: null,
    automatic: 'no',
    attachments: [],
  });
  const old = await read(
    'From: =?iso-8859-1?Q?Jos=E9?= <jose@example.com>\nSubject: =?utf-8?B?T3LDp2FtZW50bw==?=\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nN=E3o posso\n',
  );
  expect(old).toMatchObject({ from: { name: 'José' }, subject: 'Orçamento', text: 'Não posso' });
  const japanese = await readMail(
    Buffer.concat([
      Buffer.from('From: a@example.com\r\nContent-Type: text/plain; charset=iso-2022-jp\r\n\r\n'),
      Buffer.from([0x1b, 0x24, 0x42, 0x24, 0x22, 0x1b, 0x28, 0x42]),
    ]),
  );
  expect(japanese.text).toBe('あ');
  const unknown = await read('From: a@example.com\nContent-Type: text/plain; charset=x-klingon\n\nabc');
  expect(unknown.text).toBe('abc');
});

test('what is HTML alone is read as a page, without what a page hides', async () => {
  const html =
    '<html><head><style>p{}</style><title>t</title></head><body><h1>Order</h1><p>Two <b>chairs</b> &amp; a table</p><script>x()</script></body></html>';
  const alone = await read(`From: a@example.com\nContent-Type: text/html\n\n${html}`);
  expect(alone.text).toBe('Order\n\nTwo chairs & a table');
  const both = await read(
    `From: a@example.com\nContent-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nplain words\n--b\nContent-Type: text/html\n\n${html}\n--b--\n`,
  );
  expect(both.text).toBe('plain words');
  // As a mailing list does that writes its line below.
  const footed = await read(
    `From: a@example.com\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n${html}\n--b\nContent-Type: text/plain\n\nsent by the list\n--b--\n`,
  );
  expect(footed.text).toContain('Two chairs & a table');
  expect(footed.text).toContain('sent by the list');
  const empty = await read('From: a@example.com\n\n');
  expect(empty).toMatchObject({ subject: '', text: '' });
});

test('what a program wrote is known by it, and what a list sends on is not', async () => {
  for (const header of [
    'Auto-Submitted: auto-replied',
    'Return-Path: <>',
    'Precedence: auto_reply',
    'X-Autoreply: yes',
    'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
  ])
    expect(await read(`From: a@example.com\n${header}\n\nx`), header).toMatchObject({ automatic: 'answer' });
  expect(await read('From: a@example.com\nauto-submitted: Auto-Generated (order 17)\n\nx')).toMatchObject({
    automatic: 'generated',
  });
  for (const header of ['Auto-Submitted: no', 'Auto-Submitted: No; x=y', 'Precedence: list\nList-Id: <l.example.com>', 'X-A: b'])
    expect(await read(`From: a@example.com\n${header}\n\nx`), header).toMatchObject({ automatic: 'no' });
});

test('the same mail by another way has the same hash, and another mail another', async () => {
  const mail = 'From: a@example.com\nSubject: s\nDate: Thu, 07 May 2026 10:00:00 -0300\n\nhello';
  const one = await read(mail);
  expect(one.sentAt).toBe(Date.UTC(2026, 4, 7, 13));
  const again = await read(
    `Delivery-date: Thu, 07 May 2026 10:00:09 -0300\nReceived: from x by y; now\nReturn-Path: <a@example.com>\n${mail}`,
  );
  expect(again.contentHash).toBe(one.contentHash);
  // As a mail server writes it into a pipe.
  const piped = await readMail(Buffer.from(`From a@example.com Thu May  7 10:00:00 2026\n${mail}`));
  expect(piped).toMatchObject({ contentHash: one.contentHash, subject: 's' });
  expect((await read(`${mail}!`)).contentHash).not.toBe(one.contentHash);
  const bad = 'From: a@example.com\nDate: yesterday\n\nhello';
  expect((await read(bad)).contentHash).toBe((await read(bad)).contentHash);
  expect((await read(bad)).sentAt).toBeNull();
});

test('no header is written through a header, however it is encoded', async () => {
  const mail = await read(
    'From: =?utf-8?Q?Ana=0D=0ABcc:_victim@example.com?= <a@example.com>\nTo: "x\\\ny" <b@example.com>\nSubject: =?utf-8?Q?Hi=0D=0ABcc:_victim@example.com=00?=\nX-Spam: =?utf-8?B?YQ0KYjogYw==?=\nMessage-ID: <a\n b@example.com>\n\nx',
  );
  expect(mail.subject).toBe('Hi Bcc: victim@example.com');
  for (const text of [mail.subject, mail.from!.name, mail.messageId!, ...Object.values(mail.headers).map(String)])
    expect(text).not.toMatch(/[\r\n\0]/);
  const forged = await read('From: <a@example.com\n bcc:x@example.com>\nReply-To: not an address\n\nx');
  expect(forged.replyTo).toBeNull();
  for (const address of [forged.from?.address ?? '', ...forged.to]) expect(address).not.toMatch(/\s/);
  const two = await read('From: first@example.com\nFrom: second@example.com\n\nx');
  expect(two.from!.address).toBe('first@example.com');
});

test('ten thousand parts in one another, or beside one another, are refused', async () => {
  await expect(read(nested(10_000))).rejects.toMatchObject({ said: { en: expect.stringContaining('too many parts') } });
  const beside = `From: a@example.com\nContent-Type: multipart/mixed; boundary=b\n\n${'--b\n\nx\n'.repeat(10_000)}--b--`;
  await expect(read(beside)).rejects.toMatchObject({ said: { pt: expect.stringContaining('partes demais') } });
  const head = `From: a@example.com\nX-A: ${'a'.repeat(receivedLimits.headerBytesMax)}\n\nx`;
  await expect(read(head)).rejects.toMatchObject({ said: { en: expect.stringContaining('too long a header') } });
  expect((await read(nested(100))).text).toBe('hello');
});

test('broken base64, a boundary that never ends, and noise are read as far as they go', async () => {
  const broken = await read(
    'From: a@example.com\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nsee file\n--b\nContent-Type: application/pdf; name="a.pdf"\nContent-Transfer-Encoding: base64\n\nAAAA####====!!AB\nA\n',
  );
  expect(broken.text).toBe('see file');
  expect(broken.attachments).toHaveLength(1);
  expect(broken.attachments[0]).toMatchObject({ name: 'a.pdf', type: 'application/pdf', isInline: false });
  const noise = Uint8Array.from({ length: 50_000 }, (_, at) => (at * 7919) % 256);
  expect(await readMail(noise)).toMatchObject({ attachments: [] });
  expect(await readMail(new Uint8Array())).toMatchObject({ text: '', from: null });
});

test('a mail of 25 MB, of text or of lines of one letter, is read', async () => {
  const head = 'From: a@example.com\r\nContent-Type: text/plain\r\n\r\n';
  const words = await readMail(Buffer.from(head + 'word '.repeat(5_242_000)));
  expect(words.text).toHaveLength(receivedLimits.textMax - 1);
  const lines = await readMail(Buffer.from(head + 'a\n'.repeat(6_000_000)));
  expect(lines.text.startsWith('a\na\n')).toBe(true);
  const html = await readMail(
    Buffer.from(`From: a@example.com\r\nContent-Type: text/html\r\n\r\n${'<b>'.repeat(5_000_000)}deep`),
  );
  expect(html.text).toBe('');
}, 120_000);
