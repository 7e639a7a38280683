import { PDFDocument } from '@cantoo/pdf-lib';
import { documentLimits } from './limits.ts';
import { decode, encode } from './pictures/canvas.ts';
import type { NamedBytes } from './pictures/effects.ts';
import { pictureSize } from './pictures/size.ts';
import { reading, tooMuch, unreadable } from './refusals.ts';

/** All pages of all files in their order; a picture becomes a page of its own size. */
export async function mergePdfs({ files }: { readonly files: readonly NamedBytes[] }): Promise<Uint8Array> {
  if (files.length > documentLimits.mergedFilesMax)
    throw tooMuch(
      `at most ${documentLimits.mergedFilesMax} files are merged`,
      `no máximo ${documentLimits.mergedFilesMax} arquivos são juntados`,
    );
  const merged = await PDFDocument.create();
  merged.setCreator('General Bots');
  for (const { name, bytes } of files) {
    if (pictureSize(bytes)) {
      await addPicture(merged, name, bytes);
      continue;
    }
    const source = await reading(name, () => PDFDocument.load(bytes, { updateMetadata: false }));
    const count = source.getPageCount();
    if (merged.getPageCount() + count > documentLimits.pdfPagesMax)
      throw tooMuch(
        `a PDF has at most ${documentLimits.pdfPagesMax} pages`,
        `um PDF tem no máximo ${documentLimits.pdfPagesMax} páginas`,
      );
    const pages = await reading(name, () => merged.copyPages(source, source.getPageIndices()));
    for (const page of pages) merged.addPage(page);
  }
  if (merged.getPageCount() === 0) throw unreadable(files[0]?.name ?? 'PDF');
  return merged.save();
}

async function addPicture(merged: PDFDocument, name: string, bytes: Uint8Array): Promise<void> {
  const isPhotograph = bytes[0] === 0xff;
  const picture = await encode(await decode(bytes, name, 2_400), isPhotograph ? 'jpg' : 'png');
  const embedded = isPhotograph ? await merged.embedJpg(picture.bytes) : await merged.embedPng(picture.bytes);
  const scale = Math.min(1, 842 / Math.max(embedded.width, embedded.height));
  const page = merged.addPage([embedded.width * scale, embedded.height * scale]);
  page.drawImage(embedded, { x: 0, y: 0, width: embedded.width * scale, height: embedded.height * scale });
}
