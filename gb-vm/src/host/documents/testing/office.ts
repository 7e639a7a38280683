import { pack } from '../zip.ts';

const w = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main';
const relationships = 'http://schemas.openxmlformats.org/package/2006/relationships';
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

/** A Word document whose body is this WordprocessingML. */
export function docx(body: string, others: Readonly<Record<string, string | Uint8Array>> = {}): Uint8Array {
  return packed({
    '[Content_Types].xml': `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`,
    '_rels/.rels': `<Relationships xmlns="${relationships}"><Relationship Id="rId1" Type="${office}/officeDocument" Target="word/document.xml"/></Relationships>`,
    'word/document.xml': `<?xml version="1.0"?><w:document xmlns:w="${w}"><w:body>${body}</w:body></w:document>`,
    ...others,
  });
}

export function paragraph(text: string, style?: string): string {
  const look = style === undefined ? '' : `<w:pPr><w:pStyle w:val="${style}"/></w:pPr>`;
  return `<w:p>${look}<w:r><w:t xml:space="preserve">${text}</w:t></w:r></w:p>`;
}

export function tableRow(...cells: readonly string[]): string {
  return `<w:tr>${cells.map((cell) => `<w:tc>${paragraph(cell)}</w:tc>`).join('')}</w:tr>`;
}

export function packed(parts: Readonly<Record<string, string | Uint8Array>>): Uint8Array {
  const encoder = new TextEncoder();
  return pack(
    new Map(
      Object.entries(parts).map(([path, content]) => [path, typeof content === 'string' ? encoder.encode(content) : content]),
    ),
  );
}

/** A workbook as another program writes it: prefixes, shared strings, a date style, a formula with its chain. */
export function foreignXlsx(): Uint8Array {
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  return packed({
    '[Content_Types].xml': `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/calcChain.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"/></Types>`,
    'xl/workbook.xml': `<x:workbook xmlns:x="${main}" xmlns:r="${office}"><x:sheets><x:sheet name="Stock" sheetId="1" r:id="rId7"/><x:sheet name="My notes" sheetId="2" r:id="rId8"/></x:sheets><x:calcPr calcId="1"/></x:workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships xmlns="${relationships}"><Relationship Id="rId7" Type="t" Target="worksheets/one.xml"/><Relationship Id="rId8" Type="t" Target="/xl/worksheets/two.xml"/><Relationship Id="rId9" Type="c" Target="calcChain.xml"/></Relationships>`,
    'xl/calcChain.xml': `<calcChain xmlns="${main}"><c r="C2" i="1"/></calcChain>`,
    'xl/styles.xml': `<styleSheet xmlns="${main}"><numFmts><numFmt numFmtId="170" formatCode="dd/mm/yyyy hh:mm"/><numFmt numFmtId="171" formatCode="&quot;day &quot;0"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/><xf numFmtId="171"/></cellXfs></styleSheet>`,
    'xl/sharedStrings.xml': `<sst xmlns="${main}"><si><t>name</t></si><si><r><t>ca</t></r><r><t>fé</t></r><rPh><t>ignored</t></rPh></si><si><t>when &amp; where</t></si></sst>`,
    'xl/worksheets/one.xml': `<x:worksheet xmlns:x="${main}"><x:sheetData><x:row r="1"><x:c r="A1" t="s"><x:v>0</x:v></x:c><x:c r="B1" t="s"><x:v>2</x:v></x:c><x:c r="C1" t="inlineStr"><x:is><x:t>total</x:t></x:is></x:c></x:row><x:row r="2" ht="20"><x:c r="A2" s="0" t="s"><x:v>1</x:v></x:c><x:c r="B2" s="1"><x:v>46173</x:v></x:c><x:c r="C2" s="3"><x:f>1+1</x:f><x:v>2</x:v></x:c></x:row><x:row r="5"><x:c r="A5" t="b"><x:v>1</x:v></x:c><x:c r="B5" s="2"><x:v>46173.5</x:v></x:c><x:c r="C5" t="e"><x:v>#DIV/0!</x:v></x:c></x:row></x:sheetData><x:pageMargins left="1"/></x:worksheet>`,
    'xl/worksheets/two.xml': `<worksheet xmlns="${main}"><sheetData/></worksheet>`,
  });
}

/** The same zip with a directory that says its first file is so large. */
export function claiming(zip: Uint8Array, size: number): Uint8Array {
  const lying = zip.slice();
  const view = new DataView(lying.buffer);
  // The end of a zip says where its directory is; the size before compression stands 24 bytes into an entry.
  view.setUint32(view.getUint32(lying.length - 22 + 16, true) + 24, size, true);
  return lying;
}
