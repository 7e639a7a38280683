import { expect } from 'vitest';
import { type KeywordCase, type Stage, sentFile, textAt } from '../keyword-world.ts';
import { picture, pixelsOf } from '../media.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function notes({ drive }: Stage): Promise<void> {
  await drive.write('notes.txt', bytes('first line'));
  await drive.write('menu.md', bytes('# Menu\n\n- green tea 10\n- black tea 8'));
}

/** The texts of a PDF, as the language itself reads them. */
const pdfStart = '%PDF-';
const startOf = (content: Uint8Array): string => new TextDecoder('latin1').decode(content.subarray(0, 5));

/** The drive of the bot, and what is made of its files. */
export const files: readonly KeywordCase[] = [
  {
    shows: ['LIST', 'READ FILE', 'WRITE', 'COPY', 'MOVE', 'DELETE FILE', 'CREATE FOLDER'],
    scripts: `WRITE "invoices/a.txt", "invoice a"
COPY "invoices/a.txt", "invoices/b.txt"
MOVE "invoices/b.txt", "old/c.txt"
FOR EACH one IN LIST "invoices"
  TALK one.name + " " + one.path
NEXT
TALK READ FILE "old/c.txt"
TALK DELETE FILE "old/c.txt"
TALK UBOUND(LIST "old")
TALK CREATE FOLDER "invoices/2026"`,
    says: ['a.txt invoices/a.txt', 'invoice a', 'true', /^-?[01]$/, 'invoices/2026'],
    async check(stage) {
      expect(await textAt(stage, 'old/c.txt')).toBeNull();
      expect(await textAt(stage, 'invoices/a.txt')).toBe('invoice a');
    },
  },
  {
    shows: ['UPLOAD'],
    scripts: 'HEAR paper AS FILE\nplace = UPLOAD paper TO "inbox"\nTALK place',
    writes: ['go', { text: '', files: [{ name: 'offer.txt', bytes: bytes('12 chairs') }] }],
    says: ['inbox/offer.txt'],
    async check(stage) {
      expect(await textAt(stage, 'inbox/offer.txt')).toBe('12 chairs');
    },
  },
  {
    shows: ['COMPRESS', 'EXTRACT'],
    before: notes,
    scripts: 'COMPRESS "all.zip", "menu.md", "notes.txt"\nEXTRACT "all.zip", "all"\nTALK READ FILE "all/notes.txt"',
    says: ['first line'],
  },
  {
    shows: ['GENERATE PDF', 'MERGE PDF', 'CONVERT', 'AS PDF'],
    async before(stage) {
      await notes(stage);
      await stage.drive.write('contract.md', bytes('# Contract\n\nBetween us and {{name}}.'));
    },
    scripts: `GENERATE PDF "contract.md", {name: "Ana Prado"}, "contract-ana.pdf"
TALK READ FILE "contract-ana.pdf"
file = CONVERT "menu.md", "pdf"
SAVE file AS "menu.pdf"
MERGE PDF "all.pdf", "contract-ana.pdf", "menu.pdf"
TALK READ FILE "all.pdf"
rows = [{name: "Ana", total: 3}]
file = rows AS PDF
TALK file`,
    says: [/Between us and Ana Prado/, /Ana Prado[\s\S]*black tea 8/, ''],
    async check(stage) {
      expect(startOf((await stage.drive.read('all.pdf'))!.bytes)).toBe(pdfStart);
      expect(startOf((await sentFile(stage)).bytes)).toBe(pdfStart);
    },
  },
  {
    shows: ['GENERATE SECURE LINK', 'SHARE FOLDER'],
    before: notes,
    scripts: 'TALK GENERATE SECURE LINK "notes.txt" EXPIRES 7 DAYS\nWRITE "invoices/a.txt", "a"\nTALK SHARE FOLDER "invoices"',
    says: [/^https:\/\/chat\.example\/\S+$/, /^https:\/\/chat\.example\/\S+$/],
  },
  {
    shows: ['CREATE SITE'],
    async before({ drive }) {
      await drive.write('shop.html', bytes('<h1>{name}</h1><p>{text}</p>'));
    },
    scripts: 'CREATE SITE "spring", "shop", "A page for the spring sale"',
    async check(stage) {
      expect(await textAt(stage, 'sites/spring/index.html')).toBe('<h1>spring</h1><p>A page for the spring sale</p>');
    },
  },
  {
    shows: ['CHART'],
    scripts: 'TALK CHART "pie", [10, 20, 30], ["tea", "coffee", "water"]',
    async check(stage) {
      const { width, colours } = await pixelsOf((await sentFile(stage)).bytes);
      expect(width).toBeGreaterThan(200);
      expect(colours).toBeGreaterThan(3);
    },
  },
  {
    shows: ['CHART PROMPT'],
    async before({ peers }) {
      peers.model.script({ say: '{"kind": "bar", "label": "month", "values": ["sales"]}' });
    },
    scripts:
      'rows = [{month: "May", sales: 10, cost: 3}, {month: "June", sales: 20, cost: 4}]\nTALK CHART PROMPT "bar", rows, "sales by month"',
    async check(stage) {
      expect((await pixelsOf((await sentFile(stage)).bytes)).width).toBeGreaterThan(200);
      expect(
        stage.peers.model.asked
          .at(-1)
          ?.messages.map(({ content }) => String(content))
          .join(),
      ).toContain('sales by month');
    },
  },
  {
    shows: ['AS IMAGE'],
    scripts: 'rows = [{name: "Ana", total: 3}]\nTALK rows AS IMAGE',
    async check(stage) {
      const { type, bytes: content } = await sentFile(stage);
      expect(type).toBe('image/png');
      expect((await pixelsOf(content)).colours).toBeGreaterThan(2);
    },
  },
  {
    shows: ['BLUR', 'SHARPEN', 'MERGE IMAGE'],
    async before({ drive }) {
      await drive.write('a.png', picture('#ff0000', '#ffffff'));
      await drive.write('b.png', picture('#0000ff'));
    },
    scripts: 'TALK BLUR "a.png"\nTALK SHARPEN "a.png"\nTALK MERGE IMAGE "a.png", "b.png"',
    async check(stage) {
      const sharp = await pixelsOf(picture('#ff0000', '#ffffff'));
      const [blurred, sharpened, merged] = await Promise.all(
        [0, 1, 2].map(async (at) => pixelsOf((await sentFile(stage, at)).bytes)),
      );
      expect(blurred!.colours).toBeGreaterThan(sharp.colours);
      expect([sharpened!.width, sharpened!.height]).toEqual([40, 40]);
      expect(merged!.width * merged!.height).toBeGreaterThan(40 * 40);
      const [x, y] = [merged!.width - 5, merged!.height - 5];
      expect(merged!.at(x, y)[2]).toBeGreaterThan(200);
    },
  },
];
