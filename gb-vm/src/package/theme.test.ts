import type { ThemeFile } from 'gb-core';
import { expect, test } from 'vitest';
import { Problems } from './problem.ts';
import { readTheme } from './theme.ts';
import { readVariables } from './theme-css.ts';

const file = (path: string, text = '', size = text.length): ThemeFile => ({
  path,
  size,
  bytes: /\.(css|json)$/.test(path) ? new TextEncoder().encode(text) : null,
});

function read(files: readonly ThemeFile[], settings: Readonly<Record<string, string>> = {}, locale: 'en' | 'pt-BR' = 'en') {
  const problems = new Problems(locale);
  const theme = readTheme(files, settings, problems);
  expect(problems.hasErrors).toBe(false);
  return { theme, told: problems.list.map(({ code, file: place }) => `${code} ${place}`), problems: problems.list };
}

test('without a theme a bot has none, and settings that are no theme are not told', () => {
  expect(read([], { 'bot-name': 'Shop', 'time-zone': 'UTC' })).toEqual({ theme: undefined, told: [], problems: [] });
});

test('settings give colours, words and a logo', () => {
  const settings = {
    'theme-color1': 'DarkGreen',
    'theme-color2': 'rgb(255, 249, 194)',
    'theme-title': 'Flower shop',
    'welcome-message': 'Good\nmorning!',
    'theme-logo': 'LOGO.png',
  };
  const { theme, told } = read([file('img/logo.png')], settings);
  expect(theme).toEqual({
    color: '#006400',
    tint: '#fff9c2',
    title: 'Flower shop',
    welcome: 'Good morning!',
    logo: 'img/logo.png',
  });
  expect(told).toEqual([]);
});

test.each([
  ['#fa0', '#ffaa00'],
  ['#FFAA0080', '#ffaa00'],
  ['hsl(120 100% 25%)', '#008000'],
  ['217 91% 60%', '#3c83f6'],
  ['lab(50% 0 0)', '#777777'],
  ['red', '#ff0000'],
])('the colour %s is %s', (written, color) => {
  expect(read([], { 'theme-color1': written }).theme).toEqual({ color });
});

test.each([
  'red; background: url(https://evil.example/x)',
  'url(https://evil.example/x.png)',
  'var(--accent)',
  'expression(alert(1))',
  'transparent',
  'x'.repeat(1_000),
  '-1',
  'rgb(',
])('%.60s is no colour, and is told', (written) => {
  const { theme, told } = read([], { 'theme-color1': written });
  expect(theme).toBeUndefined();
  expect(told).toEqual(['theme_bad_color config.csv']);
});

test('a style sheet gives its variables, settings win, and the first known name counts', () => {
  const css = `/* shop { } */
    :root { --primary: var(--brand-blue); --brand-blue: #123456; --secondary: #eee; --logo: url("mark.webp"); }
    body { --primary: #0a0a0a }`;
  const { theme, told } = read([file('css/shop.css', css), file('css/mark.webp')]);
  expect(theme).toEqual({ color: '#0a0a0a', tint: '#eeeeee', logo: 'css/mark.webp' });
  expect(told).toEqual(['theme_style_left_out theme/css/shop.css']);
  expect(read([file('shop.css', css)], { 'theme-color1': '#ff0000' }).theme).toMatchObject({ color: '#ff0000' });
});

test('of a hostile style sheet nothing comes out but a colour, and all else is named', () => {
  const css = `@import url(https://evil.example/all.css);
    :root { --theme-color1: #00ff00; --theme-logo: url(https://evil.example/spy.png); --x: url("javascript:alert(1)") }
    .composer { position: fixed; inset: 0; background: url(https://evil.example/?) }
    [data-theme=dark], .other-bot { --theme-color1: #000 }
    @font-face { font-family: x; src: url(https://evil.example/x.woff) }
    body::before { content: "Log in again" }
    </style><script>alert(1)</script>`;
  const { theme, told, problems } = read([file('x.css', css), file('x.js'), file('page.html'), file('logo.svg')]);
  expect(theme).toEqual({ color: '#00ff00' });
  expect(told).toEqual(['theme_bad_logo theme/x.css', 'theme_style_left_out theme/x.css', 'theme_files_left_out theme/x.js']);
  const said = problems.map(({ message }) => message).join('\n');
  for (const name of ['@import', '--x', '.composer', '[data-theme=dark]', '@font-face', 'body::before', 'page.html', 'logo.svg'])
    expect(said).toContain(name);
});

test('a logo lies in the theme, is a picture that can be shown, and is small', () => {
  for (const logo of ['https://evil.example/x.png', '../../secret.png', '/etc/logo.png', 'missing.png', 'logo.svg', 'huge.png']) {
    const { theme, told } = read([file('logo.svg'), file('huge.png', '', 300_000)], { 'theme-logo': logo });
    expect(theme, logo).toBeUndefined();
    expect(told, logo).toContain('theme_bad_logo config.csv');
  }
  expect(read([file('logo.gif', 'GIF')]).theme).toEqual({ logo: 'logo.gif' });
});

test('the web chat style of earlier versions gives its accent', () => {
  const style = '{"accent":"#0078d7","backgroundColor":"#fff","botAvatarImage":"https://evil.example/x"}';
  const { theme, told } = read([file('webchat-style.json', style)]);
  expect(theme).toEqual({ color: '#0078d7' });
  expect(told).toEqual(['theme_style_left_out theme/webchat-style.json']);
  for (const text of ['{', '[]', 'null', '3', '"x"', '{"accent":{"a":1}}'])
    expect(read([file('webchat-style.json', text)]).theme).toBeUndefined();
});

test('what is not known, too long or too large is told in the author’s language', () => {
  const { theme, problems } = read([{ path: 'big.css', size: 1e6, bytes: null }], {
    'theme-color9': '#fff',
    'theme-title': '🌼'.repeat(200),
    'theme-color1': 'verde‮',
  });
  expect(theme).toEqual({ title: '🌼'.repeat(80) });
  expect(problems.map(({ code, severity }) => `${severity} ${code}`)).toEqual([
    'warning theme_not_read',
    'warning theme_bad_color',
    'warning theme_too_long',
    'warning theme_key_unknown',
  ]);
  expect(problems[1]!.message).toContain('verde\u{fffd}');
  expect(read([], { 'theme-font': 'x' }, 'pt-BR').problems[0]!.message).toMatch(/não significam nada: theme-font/);
});

test('words turn nothing around that stands beside them', () => {
  const { theme } = read([], { 'theme-title': '\u202eShop\u2067', 'welcome-message': 'Olá 👩\u200d🌾\u202e' });
  expect(theme).toEqual({ title: 'Shop', welcome: 'Olá 👩\u200d🌾' });
});

test('a style sheet made to hurt is read in one walk', () => {
  const parts = ['{', '}', '(', ')', '"', "'", '/*', '*/', ';', ':', '--a', ':root', ',', ' ', '\\', '\n', 'url(', 'var(--a)'];
  for (const part of parts) expect(readVariables(part.repeat(65_536 / part.length)).variables.size).toBeLessThan(2);
  const blanks = `:root${' '.repeat(30_000)}x{${'a:b;'.repeat(8_000)}}`;
  expect(readVariables(blanks).leftOut).toHaveLength(1);
  const long = `:root{--a:var(--b${' '.repeat(40_000)}x);${Array.from({ length: 990 }, (_, at) => `--v${at}:var(--a);`).join('')}}`;
  expect(readVariables(long).leftOut).toEqual(['--a']);
  const chain = Array.from({ length: 500 }, (_, at) => `--v${at}: var(--v${at + 1});`).join('');
  expect(readVariables(`:root{${chain} --a: var(--a)}`).variables.get('a')).toBe('var(--a)');
});
