import { type Block, plainOf, type Run, type TableRow } from './model.ts';

/** A page that stands by itself: no scripts, nothing fetched, readable on a telephone. */
export function writeHtml(blocks: readonly Block[], title: string, locale: string): string {
  const heading = blocks.find((block) => block.kind === 'heading');
  const named = heading?.kind === 'heading' ? plainOf(heading.runs) : title;
  return `<!doctype html>
<html lang="${escapeHtml(locale)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(named)}</title>
<style>
body { font: 16px/1.6 system-ui, sans-serif; color: #1f2937; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3 { line-height: 1.25; }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }
th, td { border: 1px solid #d1d5db; padding: .35rem .7rem; text-align: left; vertical-align: top; }
th { background: #f3f4f6; }
pre { background: #f3f4f6; padding: .8rem; overflow-x: auto; }
blockquote { border-left: 3px solid #9ca3af; margin-left: 0; padding-left: 1rem; color: #4b5563; }
img { max-width: 100%; }
</style>
</head>
<body>
${body(blocks)}
</body>
</html>
`;
}

function body(blocks: readonly Block[]): string {
  return blocks.map(block).join('\n');
}

function block(one: Block): string {
  switch (one.kind) {
    case 'heading':
      return `<h${one.level}>${inline(one.runs)}</h${one.level}>`;
    case 'paragraph':
      return `<p>${inline(one.runs)}</p>`;
    case 'list': {
      const items = one.items.map(
        (item) => `<li>${item.length === 1 && item[0]!.kind === 'paragraph' ? inline(item[0]!.runs) : body(item)}</li>`,
      );
      return one.isOrdered
        ? `<ol${one.start === 1 ? '' : ` start="${one.start}"`}>\n${items.join('\n')}\n</ol>`
        : `<ul>\n${items.join('\n')}\n</ul>`;
    }
    case 'table':
      return `<table>\n${one.header ? `<thead>${row(one.header, 'th')}</thead>\n` : ''}<tbody>\n${one.rows.map((cells) => row(cells, 'td')).join('\n')}\n</tbody>\n</table>`;
    case 'picture':
      return /^(?:data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+|https:\/\/[^"\s]+)$/.test(one.source)
        ? `<img src="${escapeHtml(one.source)}" alt="${escapeHtml(one.alt)}">`
        : escapeHtml(one.alt);
    case 'code':
      return `<pre>${escapeHtml(one.text)}</pre>`;
    case 'quote':
      return `<blockquote>\n${body(one.blocks)}\n</blockquote>`;
    case 'rule':
      return '<hr>';
    case 'pageBreak':
      return '<hr style="page-break-after: always">';
  }
}

function row(cells: TableRow, tag: 'td' | 'th'): string {
  return `<tr>${cells.map((runs) => `<${tag}>${inline(runs)}</${tag}>`).join('')}</tr>`;
}

function inline(runs: readonly Run[]): string {
  return runs
    .map((run) => {
      let text = escapeHtml(run.text).replaceAll('\n', '<br>');
      if (run.isCode) text = `<code>${text}</code>`;
      if (run.isItalic) text = `<em>${text}</em>`;
      if (run.isBold) text = `<strong>${text}</strong>`;
      if (run.isStruck) text = `<s>${text}</s>`;
      return run.link ? `<a href="${escapeHtml(run.link)}">${text}</a>` : text;
    })
    .join('');
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[sign]!);
}
