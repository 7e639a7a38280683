import { extractText, getDocumentProxy } from 'unpdf';
import { OperationFailed } from '../operation.ts';
import { readBlocks } from './blocks/read.ts';
import { writeText } from './blocks/to-text.ts';
import { decodeText, formatOf } from './formats.ts';
import { documentLimits } from './limits.ts';
import { reading, tooMuch } from './refusals.ts';

/**
 * What a document says, as plain text: txt, md, html, csv, xlsx, docx, pdf. Cut at `textMax`. Tables are lines with tabs
 * between the cells, pages of a PDF are parted by a blank line. Markdown and JSON stay as they are written. A PDF of
 * photographs has no text and gives an empty one.
 */
export async function textOf(bytes: Uint8Array, name: string, type = ''): Promise<string> {
  if (bytes.length > documentLimits.bytesMax)
    throw tooMuch(
      `${name} is larger than ${documentLimits.bytesMax / 1_048_576} MB`,
      `${name} é maior que ${documentLimits.bytesMax / 1_048_576} MB`,
    );
  const format = formatOf(name, type);
  if (format === 'pdf') return pdfText(bytes, name);
  if (format === 'html' || format === 'docx' || format === 'xlsx')
    return writeText(await readBlocks(bytes, name, type, 'en')).slice(0, documentLimits.textMax);
  if (['txt', 'md', 'csv', 'tsv', 'json'].includes(format) || type.startsWith('text/'))
    return decodeText(bytes, name)
      .replace(/^\ufeff/, '')
      .slice(0, documentLimits.textMax);
  throw new OperationFailed({ en: `${name} has no text that can be read`, pt: `${name} não tem texto que se possa ler` });
}

function pdfText(bytes: Uint8Array, name: string): Promise<string> {
  return reading(name, async () => {
    // A copy, because the reader keeps what it is given.
    const document = await getDocumentProxy(bytes.slice(), { stopAtErrors: false, verbosity: 0 });
    try {
      if (document.numPages > documentLimits.pdfPagesMax)
        throw tooMuch(
          `${name} has more than ${documentLimits.pdfPagesMax} pages`,
          `${name} tem mais de ${documentLimits.pdfPagesMax} páginas`,
        );
      const { text } = await extractText(document, { mergePages: false });
      return text
        .map((page) => page.trim())
        .join('\n\n')
        .slice(0, documentLimits.textMax);
    } finally {
      await document.loadingTask.destroy();
    }
  });
}
