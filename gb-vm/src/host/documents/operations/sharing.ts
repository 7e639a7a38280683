import type { OutsideCall, PlainValue } from 'gb-core';
import { OperationFailed, type OutsideOperation } from '../../operation.ts';
import { escapeHtml } from '../blocks/to-html.ts';
import { decodeText, encodeText, typeOfFormat } from '../formats.ts';
import { documentLimits } from '../limits.ts';
import { noSuchFile, tooMuch } from '../refusals.ts';
import { fillText } from '../templates/fill-text.ts';
import { isRow, pathOf, textOfValue } from '../values.ts';
import { type DocumentOptions, fetchFile, fetchFiles, owner } from './context.ts';
import { plain } from './pictures.ts';

const day = 86_400;
const unitSeconds: Readonly<Record<string, number>> = {
  second: 1,
  segundo: 1,
  minute: 60,
  minuto: 60,
  hour: 3_600,
  hora: 3_600,
  day,
  dia: day,
  week: 7 * day,
  semana: 7 * day,
  month: 30 * day,
  mes: 30 * day,
  year: 365 * day,
  ano: 365 * day,
};

export function sharingOperations(options: DocumentOptions): Readonly<Record<string, OutsideOperation>> {
  return {
    'GENERATE SECURE LINK': async ({ file, count, unit }, call) => {
      const { value } = await fetchFile(call, file);
      return options.shareLink(value, secondsOf(count, unit), call);
    },
    'SHARE FOLDER': async ({ folder }, call) => {
      const path = pathOf(folder);
      const files = await fetchFiles(call, [path], documentLimits.packedFilesMax, true);
      const packed = await options.workshop.run(
        'pack',
        { files: files.map(({ name, bytes }) => ({ name, bytes })) },
        owner(call),
      );
      const value = await call.drive.make(`${path.replace(/^.*\//, '') || 'drive'}.zip`, packed, typeOfFormat('zip'));
      return options.shareLink(value, 7 * day, call);
    },
    'CREATE SITE': async ({ name, template, prompt }, call) => {
      const root = `sites/${siteName(name)}`;
      const from = template === undefined ? null : await findTemplate(textOfValue(template), call);
      const words = prompt === undefined || isRow(prompt) ? '' : textOfValue(prompt);
      const written = words !== '' && options.writeWords ? await options.writeWords(words, call) : words;
      const data: PlainValue = {
        name: textOfValue(name),
        title: textOfValue(name),
        ...settingsForPage(call),
        prompt: written,
        text: written,
        content: written,
        ...(isRow(prompt) ? prompt : {}),
      };
      const html = from === null ? plainPage : decodeText(from.bytes, from.path);
      const page = fillText(html, data, call.locale, (text) => escapeHtml(text).replaceAll('\n', '<br>'));
      for (const { path, bytes } of from?.others ?? []) await call.drive.write(`${root}/${path}`, bytes);
      const index = `${root}/index.html`;
      return plain(await call.drive.write(index, encodeText(page), typeOfFormat('html')), index);
    },
  };
}

const plainPage = `<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>body { font: 18px/1.6 system-ui, sans-serif; color: #1f2937; max-width: 42rem; margin: 3rem auto; padding: 0 1rem; }</style>
</head>
<body>
<h1>{title}</h1>
<p>{text}</p>
</body>
</html>
`;

function secondsOf(count: PlainValue | undefined, unit: PlainValue | undefined): number {
  if (count === undefined) return 7 * day;
  const word = textOfValue(unit ?? 'days')
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/^meses$/, 'mes')
    .replace(/s$/, '')
    .replace(/^me$/, 'mes');
  const each = Object.hasOwn(unitSeconds, word) ? unitSeconds[word]! : null;
  const seconds = Math.round(Number(count) * (each ?? Number.NaN));
  if (!Number.isFinite(seconds) || seconds < 1)
    throw new OperationFailed({ en: 'a link expires after a time like 7 DAYS', pt: 'um link expira após um tempo como 7 DIAS' });
  if (seconds > documentLimits.linkDaysMax * day)
    throw tooMuch(
      `a link lives at most ${documentLimits.linkDaysMax} days`,
      `um link vive no máximo ${documentLimits.linkDaysMax} dias`,
    );
  return seconds;
}

function siteName(name: PlainValue | undefined): string {
  const plainName = textOfValue(name)
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  if (plainName !== '') return plainName;
  throw new OperationFailed({ en: 'a site has a name of letters and digits', pt: 'um site tem um nome de letras e dígitos' });
}

interface SiteTemplate {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** What lies beside the page, by its path below the folder. */
  readonly others: readonly { readonly path: string; readonly bytes: Uint8Array }[];
}

/** A page on the drive, or a folder with an index.html in it, also below `templates`. */
async function findTemplate(name: string, call: OutsideCall): Promise<SiteTemplate> {
  const path = pathOf(name);
  for (const place of [path, `${path}.html`, `templates/${path}.html`]) {
    if (!/\.html?$/i.test(place)) continue;
    const found = await call.drive.read(place);
    if (found) return { path: place, bytes: found.bytes, others: [] };
  }
  for (const folder of [path, `templates/${path}`]) {
    const found = await call.drive.read(`${folder}/index.html`);
    if (!found) continue;
    const listed = await call.drive.list(folder);
    if (listed.length > documentLimits.siteFilesMax)
      throw tooMuch(
        `a site has at most ${documentLimits.siteFilesMax} files`,
        `um site tem no máximo ${documentLimits.siteFilesMax} arquivos`,
      );
    const others: { path: string; bytes: Uint8Array }[] = [];
    for (const one of listed) {
      const below = one.path.slice(one.path.toLowerCase().lastIndexOf(`${folder.toLowerCase()}/`) + folder.length + 1);
      if (below.toLowerCase() === 'index.html') continue;
      const file = await call.drive.read(one.path);
      if (file) others.push({ path: below, bytes: file.bytes });
    }
    return { path: `${folder}/index.html`, bytes: found.bytes, others };
  }
  throw noSuchFile(name);
}

/** What the bot says about itself, so that a template can show it. Nothing that might be a secret. */
function settingsForPage(call: OutsideCall): Record<string, PlainValue> {
  const shown = ['bot-name', 'bot-description', 'theme-color1', 'theme-color2', 'theme-title', 'welcome-message'];
  return Object.fromEntries(shown.filter((key) => call.settings[key] !== undefined).map((key) => [key, call.settings[key]!]));
}
