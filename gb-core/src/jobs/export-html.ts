import type { Channel, Locale, Message, User } from 'gb-protocol';

/** The readable form of an export: pages without a script, that any browser shows from a folder. */

const style = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}article{padding:.5rem 0;border-top:1px solid #8884}article.reply{margin-left:2rem}
header b{margin-right:.5rem}time,footer,.soft{color:#767676;font-size:.875rem}p{margin:.25rem 0;white-space:pre-wrap;overflow-wrap:anywhere}`;

const words = {
  en: {
    deleted: 'This message was deleted.',
    edited: 'edited',
    reply: 'reply to',
    files: 'Files',
    earlier: 'Earlier',
    later: 'Later',
    all: 'All channels',
    made: 'Exported on',
    raw: 'The same for programs: messages.jsonl, files.jsonl, people.jsonl.',
  },
  'pt-BR': {
    deleted: 'Esta mensagem foi apagada.',
    edited: 'editada',
    reply: 'resposta a',
    files: 'Arquivos',
    earlier: 'Anteriores',
    later: 'Seguintes',
    all: 'Todos os canais',
    made: 'Exportado em',
    raw: 'O mesmo para programas: messages.jsonl, files.jsonl, people.jsonl.',
  },
} as const satisfies Record<Locale, unknown>;

export function pageStart(locale: Locale, title: string, page: number): string {
  const t = words[locale];
  const earlier = page > 1 ? `<a href="${pageName(page - 1)}">${t.earlier}</a> · ` : '';
  return `${head(locale, title)}<p class="soft">${earlier}<a href="../../index.html">${t.all}</a></p>\n`;
}

export function pageEnd(locale: Locale, page: number, isLast: boolean): string {
  const later = isLast ? '' : `<footer><a href="${pageName(page + 1)}">${words[locale].later}</a></footer>\n`;
  return `${later}</body></html>\n`;
}

export const pageName = (page: number): string => `page-${String(page).padStart(4, '0')}.html`;

export function messageHtml(locale: Locale, message: Message, author: User | undefined): string {
  const t = words[locale];
  const name = author ? `${author.name} @${author.handle}` : message.authorId;
  const notes = [
    message.threadSeq === null ? '' : ` · ${t.reply} <a href="#m${message.threadSeq}">${message.threadSeq}</a>`,
    message.editedAt === null ? '' : ` · ${t.edited}`,
  ];
  const files = (message.attachments ?? []).map((file) => safe(file.name)).join(', ');
  const reactions = message.reactions.map(({ emoji, userIds }) => `${safe(emoji)} ${userIds.length}`).join(' ');
  const text = message.deletedAt === null ? safe(message.text) : `<i>${t.deleted}</i>`;
  return `<article id="m${message.seq}"${message.threadSeq === null ? '' : ' class="reply"'}><header><b>${safe(name)}</b><time>${when(
    locale,
    message.at,
  )}</time><span class="soft">${notes.join('')}</span></header><p>${text}</p>${files === '' ? '' : `<p class="soft">${t.files}: ${files}</p>`}${
    reactions === '' ? '' : `<p class="soft">${reactions}</p>`
  }</article>\n`;
}

export function indexHtml(
  locale: Locale,
  {
    title,
    atMs,
    channels,
  }: { title: string; atMs: number; channels: readonly { channel: Channel; folder: string; title: string }[] },
): string {
  const t = words[locale];
  const items = channels.map(
    (one) =>
      `<li><a href="${encodeURI(one.folder)}/${pageName(1)}">${safe(one.title)}</a> <span class="soft">${safe(one.channel.topic)}</span></li>`,
  );
  return `${head(locale, title)}<p class="soft">${t.made} ${when(locale, atMs)}. ${t.raw}</p>\n<ul>\n${items.join('\n')}\n</ul>\n</body></html>\n`;
}

function head(locale: Locale, title: string): string {
  return `<!doctype html>\n<html lang="${locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${safe(title)}</title><style>${style}</style></head><body>\n<h1>${safe(title)}</h1>\n`;
}

function when(locale: Locale, atMs: number): string {
  const text = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }).format(atMs);
  return `${text} UTC`;
}

const signs: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** What others wrote, as text and nothing else; what turns the direction of writing around is left out. */
function safe(text: string): string {
  return text.replace(/[\u202a-\u202e\u2066-\u2069]/g, '').replace(/[&<>"']/g, (sign) => signs[sign]!);
}
