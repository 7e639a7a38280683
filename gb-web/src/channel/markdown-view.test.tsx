import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { isCostly, parseMarkdown, plainText } from '../lib/markdown.ts';
import { MarkdownView, ReferencesContext } from './markdown-view.tsx';

const html = (text: string): string => renderToStaticMarkup(<MarkdownView text={text} />);

test('what people write looks like what they mean', () => {
  expect(html('**bold** _it_ ~~gone~~ `code`')).toBe(
    '<p dir="auto"><strong>bold</strong> <em>it</em> <del>gone</del> <code>code</code></p>',
  );
  expect(html('- one\n- two')).toBe('<ul><li><p dir="auto">one</p></li><li><p dir="auto">two</p></li></ul>');
  expect(html('| a | b |\n|---|--:|\n| 1 | 2 |')).toContain('<th class="md-right">b</th>');
  expect(html('- [x] done')).toContain('type="checkbox"');
  expect(html('one\ntwo')).toBe('<p dir="auto">one\ntwo</p>');
});

test('a link opens outside and says nothing about where it was', () => {
  expect(html('[site](https://example.com/a?b=1)')).toBe(
    '<p dir="auto"><a href="https://example.com/a?b=1" target="_blank" rel="noopener noreferrer nofollow" title="https://example.com/a?b=1">site</a></p>',
  );
  expect(html('see https://example.com now')).toContain('<a href="https://example.com/"');
  expect(html('[write](mailto:ana@example.com)')).toContain('href="mailto:ana@example.com"');
});

const scripts = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  'text <b onclick="alert(1)">bold</b>',
  '<iframe src="https://example.com"></iframe>',
  '<svg><script>alert(1)</script></svg>',
  '<style>*{display:none}</style>',
  '<!-- <script>alert(1)</script> -->',
  '<details open ontoggle=alert(1)>',
  '<a href="javascript:alert(1)">x</a>',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '**<img src=x onerror=alert(1)>**',
  '```html\n<script>alert(1)</script>\n```',
  '`<script>alert(1)</script>`',
  '| <script>alert(1)</script> |\n|---|\n| <b>x</b> |',
];
test.each(scripts)('%s is shown as text', (text) => {
  const shown = html(text);
  expect(shown).not.toMatch(/<(script|img|iframe|style|details|b|svg|a)[\s>](?!.*lucide)/i);
  expect(shown).not.toMatch(/<[^>]*\son\w+=/i);
});

const addresses = [
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'java\tscript:alert(1)',
  ' javascript:alert(1)',
  'javascript&colon;alert(1)',
  '&#106;avascript:alert(1)',
  'vbscript:msgbox(1)',
  'data:text/html,<script>alert(1)</script>',
  'data:image/svg+xml;base64,PHN2Zz4=',
  'file:///etc/passwd',
  'blob:https://example.com/1',
  '//example.com/x',
  '/settings',
  'https://bank.example@evil.example/',
  'ftp://example.com',
];
test.each(addresses)('the address %s cannot be clicked', (address) => {
  for (const text of [
    `[x](${address})`,
    `[x](<${address}>)`,
    `![x](${address})`,
    `[x][r]\n\n[r]: ${address}`,
    `[x][r]\n\n[r]: <${address}>`,
  ]) {
    const shown = html(text);
    // Some of these are not even links; where something became one, it is not this.
    expect(shown).not.toMatch(/href="(?!https:\/\/evil\.example|https:\/\/example\.com)/i);
    expect(shown).not.toMatch(/href="[^"]*@evil/i);
    expect(shown).not.toContain('src=');
  }
});

test('a picture of another host is a link: looking at a message tells nobody', () => {
  expect(html('![cat](https://tracker.example/p.png)')).toContain('<a href="https://tracker.example/p.png"');
  expect(html('![cat](https://tracker.example/p.png)')).not.toContain('<img');
});

test('characters that reorder text do not reach the screen, in code they are spelled out', () => {
  expect(html('exe.\u202egpj')).toBe('<p dir="auto">exe.gpj</p>');
  expect(html('a\u2066b\u2069')).toBe('<p dir="auto">ab</p>');
  expect(html('```\nif \u202e x\n```')).toContain('⟨U+202E⟩');
  expect(html('[\u202eevil](https://example.com)')).toContain('>evil</a>');
});

test.each([
  ['quotes', `${'>'.repeat(15_000)} x`],
  ['quotes with blanks', `${'> '.repeat(7_000)}x`],
  ['lists', Array.from({ length: 300 }, (_, i) => `${' '.repeat(i * 2)}- x`).join('\n')],
  ['lists in one line', `${'- '.repeat(7_000)}x`],
  ['brackets', '['.repeat(16_000)],
  ['brackets and parentheses', '[a]('.repeat(4_000)],
  ['stars', '*a **a '.repeat(2_000)],
  ['underscores', '_'.repeat(16_000)],
  ['backticks', Array.from({ length: 170 }, (_, i) => '`'.repeat(i)).join(' ')],
  ['tildes', '~a~~b'.repeat(3_000)],
  ['angle brackets', '<a '.repeat(5_000)],
  ['entities', '&amp'.repeat(4_000)],
  ['images', '!['.repeat(8_000)],
  ['table bars', `${'|'.repeat(8_000)}\n${'|-'.repeat(4_000)}`],
  ['addresses', 'www.'.repeat(4_000)],
  ['at signs', 'a@'.repeat(8_000)],
  ['footnotes', '[^1]'.repeat(4_000)],
  ['dashes', '-'.repeat(16_000)],
  ['hashes', '#'.repeat(16_000)],
  ['tabs', '\t'.repeat(16_000)],
  ['line ends', '\n'.repeat(16_000)],
  ['NUL', '\0'.repeat(16_000)],
  ['emphasis nested', `${'*'.repeat(700)}a${'*'.repeat(700)}`],
])('%s without end neither hang nor break the page', (_, text) => {
  const start = performance.now();
  expect(typeof html(text)).toBe('string');
  expect(performance.now() - start).toBeLessThan(1_500);
});

test('a text made to hurt is shown as it is', () => {
  expect(isCostly('>'.repeat(100))).toBe(true);
  expect(parseMarkdown('['.repeat(2_000))).toEqual({ kind: 'plain', text: '['.repeat(2_000) });
  expect(isCostly('> quoted\n- list\n  - inner\n**bold**')).toBe(false);
});

test('deep trees end as text, with nothing lost', () => {
  expect(html(`${'> '.repeat(22)}deep`)).toContain('deep');
});

test('mentions are drawn by who knows the people, and not inside code', () => {
  const references = {
    hasHandle: (handle: string) => handle === 'ana',
    hasChannel: (name: string) => name === 'general',
    person: (handle: string) => <mark>{handle}</mark>,
    channel: (name: string) => <mark>#{name}</mark>,
  };
  const shown = renderToStaticMarkup(
    <ReferencesContext value={references}>
      <MarkdownView text="**@ana** in #general, `@ana`" />
    </ReferencesContext>,
  );
  expect(shown).toBe('<p dir="auto"><strong><mark>ana</mark></strong> in <mark>#general</mark>, <code>@ana</code></p>');
});

test('the plain words of a message', () => {
  expect(plainText('# Title\n\n**bold** and `code`\n\n- one\n- two')).toBe('Title bold and code one two');
  expect(plainText('x'.repeat(500), 10)).toBe('xxxxxxxxxx');
});
