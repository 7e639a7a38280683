import pdfmake, { type Content, type TableCell } from 'pdfmake';
import { OperationFailed } from '../../operation.ts';
import { documentLimits } from '../limits.ts';
import { decode, encode } from '../pictures/canvas.ts';
import { drawable, fontFiles } from '../pictures/fonts.ts';
import { tooMuch } from '../refusals.ts';
import { type Block, plainOf, type Run, type TableRow } from './model.ts';

export interface PdfInput {
  readonly blocks: readonly Block[];
  readonly title: string;
  readonly locale: string;
  /** What `source` of a picture stands for, by that text. Addresses of the web are never fetched. */
  readonly pictures: Readonly<Record<string, Uint8Array>>;
}

const ink = '#1f2937';
const soft = '#4b5563';
const pageWidth = 515;

let isReady = false;

/** Lays blocks out on A4 pages, with their numbers, in our own letters. Reads no file but those letters, and no address. */
export async function writePdf({ blocks, title, locale, pictures }: PdfInput): Promise<Uint8Array> {
  if (!isReady) {
    pdfmake.setFonts({ Roboto: fontFiles });
    pdfmake.setUrlAccessPolicy(() => false);
    const own = new Set<string>(Object.values(fontFiles));
    pdfmake.setLocalAccessPolicy((path) => own.has(path));
    isReady = true;
  }
  const layout = new Layout(pictures, isWide(blocks));
  const content = await layout.contentOf(blocks);
  const isPortuguese = locale.startsWith('pt');
  const document = pdfmake.createPdf({
    pageSize: 'A4',
    pageOrientation: isWide(blocks) ? 'landscape' : 'portrait',
    pageMargins: [40, 48, 40, 54],
    info: { title: drawable(title).slice(0, 200), creator: 'General Bots' },
    defaultStyle: { font: 'Roboto', fontSize: 10.5, lineHeight: 1.25, color: ink },
    footer: (page: number, pages: number) => ({
      text: isPortuguese ? `Página ${page} de ${pages}` : `Page ${page} of ${pages}`,
      alignment: 'center',
      fontSize: 8.5,
      color: soft,
      margin: [0, 18, 0, 0],
    }),
    content: content.length > 0 ? content : [' '],
  });
  const bytes = new Uint8Array(await document.getBuffer());
  if (bytes.length > documentLimits.bytesMax) throw tooMuch('the PDF becomes too large', 'o PDF fica grande demais');
  return bytes;
}

/** A table that does not fit across a page that stands is easier to read on pages that lie on their sides. */
function isWide(blocks: readonly Block[]): boolean {
  return blocks.some((block) => block.kind === 'table' && widthOf(lengthsOf(block), fontSizeOf(columnsOf(block))) > pageWidth);
}

function columnsOf(table: Block & { kind: 'table' }): number {
  return table.rows.reduce((most, row) => Math.max(most, row.length), table.header?.length ?? 0);
}

/** Characters that each column asks for, by its first rows. */
function lengthsOf(table: Block & { kind: 'table' }): number[] {
  const sample = [table.header ?? [], ...table.rows.slice(0, 200)];
  return Array.from({ length: columnsOf(table) }, (_, at) =>
    sample.reduce((most, row) => Math.max(most, Math.min(40, plainOf(row[at] ?? []).length)), 3),
  );
}

function fontSizeOf(columns: number): number {
  return columns > 14 ? 6.5 : columns > 7 ? 8 : 9.5;
}

/** Points; a letter is a little more than half as wide as it is high. */
function widthOf(lengths: readonly number[], size: number): number {
  return lengths.reduce((sum, length) => sum + length * size * 0.56 + 11, 0);
}

class Layout {
  readonly #pictures: Readonly<Record<string, Uint8Array>>;
  readonly #width: number;
  #parts = 0;
  #shown = 0;

  constructor(pictures: Readonly<Record<string, Uint8Array>>, isLying: boolean) {
    this.#pictures = pictures;
    this.#width = isLying ? 762 : pageWidth;
  }

  /** In a list lines stand closer together. */
  async contentOf(blocks: readonly Block[], isTight = false): Promise<Content[]> {
    const content: Content[] = [];
    for (const block of blocks) {
      this.#count(1);
      const one = await this.#block(block, isTight);
      if (one !== null) content.push(one);
    }
    return content;
  }

  #count(parts: number): void {
    this.#parts += parts;
    if (this.#parts > documentLimits.pdfPartsMax)
      throw tooMuch(
        `a PDF has at most ${documentLimits.pdfPartsMax} paragraphs and cells`,
        `um PDF tem no máximo ${documentLimits.pdfPartsMax} parágrafos e células`,
      );
  }

  async #block(block: Block, isTight: boolean): Promise<Content | null> {
    switch (block.kind) {
      case 'heading': {
        const size = [22, 17, 14, 12, 11, 10.5][block.level - 1] ?? 10.5;
        return {
          text: textOf(block.runs),
          fontSize: size,
          bold: true,
          lineHeight: 1.15,
          margin: [0, block.level < 3 ? 12 : 8, 0, 6],
          headlineLevel: block.level,
        };
      }
      case 'paragraph':
        return { text: textOf(block.runs), margin: [0, 0, 0, isTight ? 2 : 7], preserveLeadingSpaces: true };
      case 'list': {
        const items: Content[] = [];
        for (const item of block.items) items.push({ stack: await this.contentOf(item, true) });
        return block.isOrdered
          ? { ol: items, start: block.start, margin: [0, 0, 0, isTight ? 2 : 6] }
          : { ul: items, margin: [0, 0, 0, isTight ? 2 : 6] };
      }
      case 'table':
        return this.#table(block);
      case 'code':
        return {
          table: {
            widths: ['*'],
            body: [
              [
                {
                  text: drawable(block.text.slice(0, 100_000)).replace(/\t/g, '    ') || ' ',
                  fontSize: 9,
                  preserveLeadingSpaces: true,
                },
              ],
            ],
          },
          layout: {
            hLineWidth: () => 0,
            vLineWidth: () => 0,
            fillColor: () => '#f3f4f6',
            paddingLeft: () => 10,
            paddingRight: () => 10,
            paddingTop: () => 8,
            paddingBottom: () => 8,
          },
          margin: [0, 2, 0, 9],
        };
      case 'quote':
        return {
          table: { widths: ['*'], body: [[{ stack: await this.contentOf(block.blocks), color: soft }]] },
          layout: {
            hLineWidth: () => 0,
            vLineWidth: (at: number) => (at === 0 ? 2 : 0),
            vLineColor: () => '#9ca3af',
            paddingLeft: () => 12,
            paddingTop: () => 2,
            paddingBottom: () => 0,
          },
          margin: [0, 2, 0, 9],
        };
      case 'picture':
        return this.#picture(block);
      case 'rule':
        return {
          canvas: [{ type: 'line', x1: 0, y1: 0, x2: this.#width, y2: 0, lineWidth: 0.7, lineColor: '#d1d5db' }],
          margin: [0, 6, 0, 10],
        };
      case 'pageBreak':
        return { text: '', pageBreak: 'after' };
    }
  }

  #table(block: Block & { kind: 'table' }): Content | null {
    const width = columnsOf(block);
    if (width === 0) return null;
    if (width > 40) throw tooMuch('a table in a PDF has at most 40 columns', 'uma tabela em PDF tem no máximo 40 colunas');
    this.#count(width * (block.rows.length + 1));
    const sample = block.rows.slice(0, 200);
    const isNumeric = Array.from(
      { length: width },
      (_, at) =>
        sample.some((row) => isFigure(row[at])) &&
        sample.every((row) => isFigure(row[at]) || plainOf(row[at] ?? []).trim() === ''),
    );
    const size = fontSizeOf(width);
    const lengths = lengthsOf(block);
    const total = lengths.reduce((sum, one) => sum + one, 0);
    const fits = widthOf(lengths, size) <= this.#width;
    const widths = lengths.map((length) => ((this.#width - width * 11) * length) / total);
    // A word without a blank would push the page's edge away, so one that is longer than its column is parted.
    const room = widths.map((points) => (fits ? 42 : Math.max(3, Math.floor(points / (size * 0.62)))));
    const line = (row: TableRow, isHeader: boolean): TableCell[] =>
      Array.from({ length: width }, (_, at) => ({
        text: textOf(row[at] ?? [], room[at]),
        fontSize: size,
        ...(isHeader ? { bold: true } : {}),
        ...(isNumeric[at] ? { alignment: 'right' as const } : {}),
      }));
    return {
      table: {
        headerRows: block.header ? 1 : 0,
        dontBreakRows: true,
        widths: fits ? lengths.map(() => 'auto') : widths,
        body: [...(block.header ? [line(block.header, true)] : []), ...block.rows.map((row) => line(row, false))],
      },
      layout: {
        hLineWidth: (at: number) => (at === 0 ? 0 : 0.6),
        vLineWidth: () => 0,
        hLineColor: (at: number) => (at === 1 && block.header ? '#9ca3af' : '#e5e7eb'),
        fillColor: (at: number) => (at === 0 && block.header ? '#f3f4f6' : null),
        paddingLeft: () => 5,
        paddingRight: () => 5,
        paddingTop: () => 4,
        paddingBottom: () => 2,
      },
      margin: [0, 4, 0, 10],
    };
  }

  /** A picture that cannot be shown leaves its description; the rest of the document is worth having. */
  async #picture({ source, alt }: Block & { kind: 'picture' }): Promise<Content | null> {
    const bytes = this.#pictures[source] ?? dataOf(source);
    const described: Content | null =
      alt.trim() === '' ? null : { text: drawable(alt), italics: true, color: soft, margin: [0, 0, 0, 7] };
    if (bytes === null || ++this.#shown > documentLimits.picturesMax) return described;
    let picture: Awaited<ReturnType<typeof encode>>;
    try {
      const canvas = await decode(bytes, alt || 'picture', 1_600);
      picture = await encode(canvas, bytes[0] === 0xff && bytes[1] === 0xd8 ? 'jpg' : 'png');
    } catch (error) {
      if (error instanceof OperationFailed) return described;
      throw error;
    }
    const type = picture.bytes[0] === 0xff ? 'jpeg' : 'png';
    const size = { width: picture.width * 0.75, height: picture.height * 0.75 };
    const scale = Math.min(1, this.#width / size.width, 620 / size.height);
    return {
      image: `data:image/${type};base64,${Buffer.from(picture.bytes).toString('base64')}`,
      width: size.width * scale,
      height: size.height * scale,
      margin: [0, 4, 0, 10],
    };
  }
}

function dataOf(source: string): Uint8Array | null {
  const data = /^data:image\/[\w.+-]+;base64,([A-Za-z0-9+/=\s]+)$/.exec(source)?.[1];
  return data === undefined ? null : new Uint8Array(Buffer.from(data, 'base64'));
}

function isFigure(runs: readonly Run[] | undefined): boolean {
  return /^\s*[-+]?(?:R\$|\$|€|£)?\s?-?\d[\d.,\s]*%?\s*$/.test(plainOf(runs ?? []));
}

function textOf(runs: readonly Run[], wordMax = 80): Content[] {
  if (runs.length === 0) return [' '];
  return runs.map((run) => ({
    text: parted(drawable(run.text), wordMax),
    ...(run.isBold ? { bold: true } : {}),
    ...(run.isItalic ? { italics: true } : {}),
    ...(run.isCode ? { background: '#f3f4f6' } : {}),
    ...(run.isStruck ? { decoration: 'lineThrough' as const } : {}),
    ...(run.link ? { link: run.link, color: '#1d4ed8', decoration: 'underline' as const } : {}),
  }));
}

/** Words longer than a line get places where they may be broken. */
function parted(text: string, wordMax: number): string {
  return text.replace(/\S+/g, (word) =>
    word.length <= wordMax ? word : (word.match(new RegExp(`.{1,${wordMax}}`, 'gsu')) ?? [word]).join('\n'),
  );
}
