import { type Block, plainOf, type Run, type TableRow } from './model.ts';

/** As a person would type it; for searching and for models, which read it the better the less is in the way. */
export function writeText(blocks: readonly Block[]): string {
  return `${lines(blocks, '')
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}

function lines(blocks: readonly Block[], indent: string): string[] {
  return blocks.flatMap((block) => linesOf(block, indent));
}

function linesOf(block: Block, indent: string): string[] {
  switch (block.kind) {
    case 'heading':
    case 'paragraph':
      return [
        ...plainOf(block.runs)
          .split('\n')
          .map((line) => indent + line),
        '',
      ];
    case 'list':
      return [
        ...block.items.flatMap((item, at) => {
          const mark = block.isOrdered ? `${block.start + at}. ` : '- ';
          const inner = lines(item, '')
            .join('\n')
            .trim()
            .replace(/\n{2,}/g, '\n')
            .split('\n');
          return inner.map((line, row) => indent + (row === 0 ? mark : ' '.repeat(mark.length)) + line);
        }),
        '',
      ];
    case 'table':
      return [...(block.header ? [block.header] : []), ...block.rows].map((row) => indent + cells(row)).concat('');
    case 'code':
      return [...block.text.split('\n').map((line) => indent + line), ''];
    case 'quote':
      return lines(block.blocks, indent);
    case 'picture':
      return block.alt === '' ? [] : [indent + block.alt, ''];
    case 'rule':
    case 'pageBreak':
      return [''];
  }
}

function cells(row: TableRow): string {
  return row.map((runs) => plainOf(runs).replace(/\s+/g, ' ')).join('\t');
}

/** The same with its marks, as Markdown. */
export function writeMarkdown(blocks: readonly Block[]): string {
  return `${marked(blocks)
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}

function marked(blocks: readonly Block[]): string[] {
  return blocks.flatMap(markedOf);
}

function markedOf(block: Block): string[] {
  switch (block.kind) {
    case 'heading':
      return [`${'#'.repeat(block.level)} ${runsMarked(block.runs).replace(/\\?\n/g, ' ')}`, ''];
    case 'paragraph':
      return [runsMarked(block.runs), ''];
    case 'list':
      return [
        ...block.items.flatMap((item, at) => {
          const mark = block.isOrdered ? `${block.start + at}. ` : '- ';
          const inner = marked(item).join('\n').trim().split('\n');
          return inner.map((line, row) => ((row === 0 ? mark : ' '.repeat(mark.length)) + line).trimEnd());
        }),
        '',
      ];
    case 'table': {
      const width = Math.max(block.header?.length ?? 0, ...block.rows.map((row) => row.length));
      const line = (row: TableRow): string =>
        `| ${Array.from({ length: width }, (_, at) =>
          runsMarked(row[at] ?? [])
            .replace(/\\?\n/g, '<br>')
            .replaceAll('|', '\\|'),
        ).join(' | ')} |`;
      return [line(block.header ?? []), `|${' --- |'.repeat(width)}`, ...block.rows.map(line), ''];
    }
    case 'code': {
      const fence = '`'.repeat(Math.max(3, ...(block.text.match(/`+/g) ?? []).map((run) => run.length + 1)));
      return [fence, ...block.text.split('\n'), fence, ''];
    }
    case 'quote':
      return [
        ...marked(block.blocks)
          .join('\n')
          .trim()
          .split('\n')
          .map((line) => `> ${line}`.trimEnd()),
        '',
      ];
    case 'picture':
      return block.source.startsWith('data:')
        ? block.alt === ''
          ? []
          : [escapeMarkdown(block.alt), '']
        : [`![${escapeMarkdown(block.alt)}](${block.source.replace(/[\s()]/g, encodeURIComponent)})`, ''];
    case 'rule':
    case 'pageBreak':
      return ['---', ''];
  }
}

function runsMarked(runs: readonly Run[]): string {
  return runs
    .map((run) => {
      if (run.isCode) return `\`${run.text.replaceAll('`', "'")}\``;
      const [, before = '', core = '', after = ''] = /^(\s*)([\s\S]*?)(\s*)$/.exec(run.text) ?? [];
      if (core === '') return run.text.replaceAll('\n', '\\\n');
      let text = escapeMarkdown(core).replaceAll('\n', '\\\n');
      if (run.isItalic) text = `*${text}*`;
      if (run.isBold) text = `**${text}**`;
      if (run.isStruck) text = `~~${text}~~`;
      if (run.link) text = `[${text}](${run.link.replace(/[\s()<>]/g, encodeURIComponent)})`;
      return before + text + after;
    })
    .join('');
}

/** A text that is to be read as it stands, wherever it comes to lie. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_[\]<>|~#]/g, '\\$&').replace(/^(\s*)([-+=]|\d+[.)])(?=\s)/gm, (_, blank: string, mark: string) => {
    return `${blank}${mark.slice(0, -1)}\\${mark.slice(-1)}`;
  });
}
