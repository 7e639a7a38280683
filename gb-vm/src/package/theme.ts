import { formatHex, parse } from 'culori';
import type { ThemeFile } from 'gb-core';
import type { BotTheme } from 'gb-protocol';
import { decodeText } from './decode.ts';
import { type Problems, wholeFile } from './problem.ts';
import { readVariables } from './theme-css.ts';

/**
 * What a theme may say: two colours, a logo, a title and a welcome. Everything else of its style sheets - rules, fonts,
 * addresses - is left out and told, because a page shows many bots and none of them may draw on it.
 */
type ThemeKey = keyof BotTheme;

/** What each is called, the first that is given counts. Settings win over style sheets. */
const settingNames: Readonly<Record<ThemeKey, readonly string[]>> = {
  color: ['theme-color1', 'theme-color'],
  tint: ['theme-color2'],
  title: ['theme-title'],
  welcome: ['welcome-message'],
  logo: ['theme-logo'],
};
const variableNames: Readonly<Record<'color' | 'tint' | 'logo', readonly string[]>> = {
  color: [
    'theme-color1',
    'theme-color',
    'color1',
    'primary',
    'primary-color',
    'color-primary',
    'accent',
    'accent-color',
    'brand',
  ],
  tint: ['theme-color2', 'color2', 'secondary', 'secondary-color', 'color-secondary'],
  logo: ['theme-logo', 'logo', 'logo-url'],
};

const charactersMax = { title: 80, welcome: 400 } as const;
const colorCharactersMax = 100;
const logoBytesMax = 262_144;
const logoPattern = /\.(?:png|jpe?g|gif|webp)$/i;
const logoNamed = /(?:^|\/)logo\.(?:png|jpe?g|gif|webp)$/i;
const stylesPattern = /\.css$/i;
/** How the web chat of earlier versions was coloured. */
const webchatPattern = /(?:^|\/)webchat-style\.json$/i;
const inertPattern = /\.(?:html?|m?js|svg|woff2?|ttf|otf)$/i;
/** Names quoted in one warning. */
const namedMax = 8;

/** How a bot looks, or undefined when nothing says so. Nothing here is an error: without a theme a bot looks like the others. */
export function readTheme(
  files: readonly ThemeFile[],
  settings: Readonly<Record<string, string>>,
  problems: Problems,
): BotTheme | undefined {
  const theme: { -readonly [K in ThemeKey]?: string } = {};
  const left: string[] = [];
  for (const file of files) {
    if (stylesPattern.test(file.path)) readStyles(file, theme, files, problems);
    else if (webchatPattern.test(file.path)) readWebchat(file, theme, problems);
    else if (inertPattern.test(file.path)) left.push(file.path);
  }
  if (left.length > 0)
    problems.warning(
      'theme_files_left_out',
      wholeFile(`theme/${left[0]}`),
      `A theme is made of style sheets and a logo (PNG, JPEG, GIF, WebP); these do nothing: ${listed(left)}.`,
      `Um tema é feito de folhas de estilo e de um logotipo (PNG, JPEG, GIF, WebP); estes não fazem nada: ${listed(left)}.`,
    );
  const named = files.find(({ path }) => logoNamed.test(path));
  if (named && theme.logo === undefined) takeLogo(named.path, 'logo', theme, files, problems, `theme/${named.path}`);
  readSettings(settings, theme, files, problems);
  return Object.keys(theme).length === 0 ? undefined : theme;
}

type Taken = { -readonly [K in ThemeKey]?: string };

function readSettings(
  settings: Readonly<Record<string, string>>,
  theme: Taken,
  files: readonly ThemeFile[],
  problems: Problems,
): void {
  const place = 'config.csv';
  for (const [key, names] of Object.entries(settingNames) as [ThemeKey, readonly string[]][]) {
    const name = names.find((one) => (settings[one] ?? '') !== '');
    if (name === undefined) continue;
    const value = settings[name]!;
    if (key === 'logo') takeLogo(value, name, theme, files, problems, place);
    else if (key === 'color' || key === 'tint') takeColor(key, value, name, theme, problems, place);
    else takeWords(key, value, name, theme, problems);
  }
  const known = new Set(Object.values(settingNames).flat());
  const unknown = Object.keys(settings).filter((name) => /^theme-/.test(name) && !known.has(name));
  if (unknown.length > 0)
    problems.warning(
      'theme_key_unknown',
      wholeFile(place),
      `These settings of a theme mean nothing: ${listed(unknown)}. There are ${[...known].join(', ')}.`,
      `Estas configurações de tema não significam nada: ${listed(unknown)}. Existem ${[...known].join(', ')}.`,
    );
}

function readStyles(file: ThemeFile, theme: Taken, files: readonly ThemeFile[], problems: Problems): void {
  const place = `theme/${file.path}`;
  if (file.bytes === null) return tellTooLarge(place, problems);
  const { variables, leftOut } = readVariables(decodeText(file.bytes));
  const understood = new Set<string>();
  for (const [key, names] of Object.entries(variableNames) as ['color' | 'tint' | 'logo', readonly string[]][]) {
    const name = names.find((one) => variables.has(one));
    for (const one of names) understood.add(one);
    if (name === undefined) continue;
    const value = variables.get(name)!;
    if (key === 'logo') takeLogo(unquoted(value), `--${name}`, theme, files, problems, place);
    else takeColor(key, value, `--${name}`, theme, problems, place);
  }
  const unknown = [...[...variables.keys()].filter((name) => !understood.has(name)).map((name) => `--${name}`), ...leftOut];
  if (unknown.length === 0) return;
  problems.warning(
    'theme_style_left_out',
    wholeFile(place),
    `A theme sets --theme-color1, --theme-color2 and --theme-logo. This was left out: ${listed(unknown)}.`,
    `Um tema define --theme-color1, --theme-color2 e --theme-logo. Isto ficou de fora: ${listed(unknown)}.`,
  );
}

function readWebchat(file: ThemeFile, theme: Taken, problems: Problems): void {
  const place = `theme/${file.path}`;
  if (file.bytes === null) return tellTooLarge(place, problems);
  let style: unknown;
  try {
    style = JSON.parse(decodeText(file.bytes));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    problems.warning('theme_not_read', wholeFile(place), 'This is not JSON.', 'Isto não é JSON.');
    return;
  }
  if (typeof style !== 'object' || style === null || Array.isArray(style)) return;
  const { accent, ...others } = style as Record<string, unknown>;
  if (typeof accent === 'string') takeColor('color', accent, 'accent', theme, problems, place);
  const unknown = Object.keys(others);
  if (unknown.length > 0)
    problems.warning(
      'theme_style_left_out',
      wholeFile(place),
      `Of this file accent is used. This was left out: ${listed(unknown)}.`,
      `Deste arquivo é usado accent. Isto ficou de fora: ${listed(unknown)}.`,
    );
}

function tellTooLarge(place: string, problems: Problems): void {
  problems.warning(
    'theme_not_read',
    wholeFile(place),
    'This file is too large for a theme and was not read.',
    'Este arquivo é grande demais para um tema e não foi lido.',
  );
}

function takeColor(key: 'color' | 'tint', value: string, name: string, theme: Taken, problems: Problems, place: string): void {
  const color = readColor(value);
  if (color !== null) theme[key] = color;
  else
    problems.warning(
      'theme_bad_color',
      wholeFile(place),
      `${printable(name)} is no colour: ${printable(value)}. Write it like #2563eb.`,
      `${printable(name)} não é uma cor: ${printable(value)}. Escreva como #2563eb.`,
    );
}

/** Signs that turn the direction of what follows, which is no longer the bot's own words. */
const turns = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

function takeWords(key: 'title' | 'welcome', value: string, name: string, theme: Taken, problems: Problems): void {
  const words = value
    .toWellFormed()
    .replace(turns, '')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
  const most = charactersMax[key];
  const kept = [...words].slice(0, most).join('');
  if (kept === '') return;
  theme[key] = kept;
  if (kept !== words)
    problems.warning(
      'theme_too_long',
      wholeFile('config.csv'),
      `${name} has at most ${most} characters; the rest is not shown.`,
      `${name} tem no máximo ${most} caracteres; o resto não é mostrado.`,
    );
}

/** A picture of the theme's own folder: a page of ours fetches nothing from an address that a bot names. */
function takeLogo(
  value: string,
  name: string,
  theme: Taken,
  files: readonly ThemeFile[],
  problems: Problems,
  place: string,
): void {
  const wanted = value
    .trim()
    .replace(/\\/g, '/')
    .replace(/^(?:\.\/)+/, '')
    .toLowerCase();
  const found =
    files.find(({ path }) => path.toLowerCase() === wanted) ??
    files.find(({ path }) => path.toLowerCase().endsWith(`/${wanted}`));
  if (found && logoPattern.test(found.path) && found.size <= logoBytesMax) theme.logo = found.path;
  else
    problems.warning(
      'theme_bad_logo',
      wholeFile(place),
      `${printable(name)}: a logo is a PNG, JPEG, GIF or WebP of at most ${logoBytesMax} bytes in the .gbtheme folder, not ${printable(value)}.`,
      `${printable(name)}: um logotipo é um PNG, JPEG, GIF ou WebP de no máximo ${logoBytesMax} bytes na pasta .gbtheme, e não ${printable(value)}.`,
    );
}

/** Any colour of CSS, and the three figures of an HSL colour alone as some themes have them. Transparency is left out. */
function readColor(text: string): string | null {
  const written = text.trim();
  if (written.length > colorCharactersMax || /^transparent$/i.test(written)) return null;
  const figures = /^[\d.]+(?:deg)?[\s,]+[\d.]+%[\s,]+[\d.]+%$/.test(written);
  const color = parse(figures ? `hsl(${written.replace(/[\s,]+/g, ' ')})` : written.toLowerCase());
  return color === undefined ? null : (formatHex({ ...color, alpha: 1 }) ?? null);
}

/** `url("logo.png")`, `"logo.png"` and `logo.png` are one. */
function unquoted(value: string): string {
  const inner = /^url\(\s*([^)]*?)\s*\)$/i.exec(value.trim())?.[1] ?? value.trim();
  return inner.replace(/^(["'])(.*)\1$/, '$2');
}

const printable = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}]/gu, '\u{fffd}')
    .slice(0, 60);

function listed(names: readonly string[]): string {
  const shown = names.slice(0, namedMax).map(printable).join(', ');
  return names.length > namedMax ? `${shown} … (${names.length})` : shown;
}
