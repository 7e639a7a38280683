import type { OutsideCall, PlainValue } from 'gb-core';
import { OperationFailed, type OutsideOperation } from '../../operation.ts';
import { decodeText, formatNamed, formatOf, pictureFormats, renamed, typeOfFormat } from '../formats.ts';
import { documentLimits } from '../limits.ts';
import { isRow, listOf, pathOf, placeOf, textOfValue } from '../values.ts';
import { type DocumentOptions, type FoundFile, fetchFile, fetchFiles, owner } from './context.ts';
import { documentBehind, plain } from './pictures.ts';

const templateFormats = ['pdf', 'docx', 'html', 'md', 'txt'];

export function paperOperations({ workshop }: DocumentOptions): Readonly<Record<string, OutsideOperation>> {
  const pdfOf = async (file: FoundFile, call: OutsideCall): Promise<PlainValue> => {
    if (formatOf(file.name, file.type) === 'pdf') return plain(file.value);
    const bytes = await workshop.run(
      'convert',
      { ...(await readable(file, call)), format: 'pdf', locale: call.locale },
      owner(call),
    );
    return plain(await call.drive.make(renamed(file.name, 'pdf'), bytes, typeOfFormat('pdf')));
  };

  return {
    'AS PDF': async ({ value }, call) => {
      const file = await documentBehind(value, call);
      if (file) return pdfOf(file, call);
      const bytes = await workshop.run('valuePdf', { value: value ?? null, locale: call.locale }, owner(call));
      return plain(await call.drive.make('document.pdf', bytes, typeOfFormat('pdf')));
    },
    'GENERATE PDF': async (args, call) => {
      // Of `template, values...`: the object is the data, and the text is where the document goes.
      const values = listOf(args['values']);
      const data = args['data'] ?? values.find((one) => isRow(one) || Array.isArray(one)) ?? {};
      const target = args['target'] ?? values.find((one) => typeof one === 'string');
      const template = await fetchFile(call, args['template']);
      const path = typeof target === 'string' && target.trim() !== '' ? pathOf(target) : null;
      const wanted = path === null ? 'pdf' : formatOf(path);
      const format = templateFormats.includes(wanted) ? wanted : 'pdf';
      const input = { ...(await readable(template, call)), format, data, locale: call.locale };
      const bytes = await workshop.run('fill', input, owner(call));
      if (path === null) return plain(await call.drive.make(renamed(template.name, format), bytes, typeOfFormat(format)));
      const named = templateFormats.includes(wanted) ? path : `${path}.pdf`;
      return plain(await call.drive.write(named, bytes, typeOfFormat(format)), named);
    },
    'MERGE PDF': async ({ target, files }, call) => {
      const places = listOf(files).flatMap((one) => (Array.isArray(one) ? one : [one]) as readonly PlainValue[]);
      const found = await fetchFiles(call, places, documentLimits.mergedFilesMax);
      if (found.length === 0) throw new OperationFailed({ en: 'there is no PDF to merge', pt: 'não há PDF para juntar' });
      const bytes = await workshop.run(
        'mergePdfs',
        { files: found.map(({ name, bytes: content }) => ({ name, bytes: content })) },
        owner(call),
      );
      const path = pathOf(target);
      return plain(await call.drive.write(path, bytes, typeOfFormat('pdf')), path);
    },
    CONVERT: async ({ file, format }, call) => {
      const found = await fetchFile(call, file);
      const wanted = formatNamed(textOfValue(format));
      const from = formatOf(found.name, found.type);
      if (from === wanted) return plain(found.value);
      const name = renamed(found.name, wanted);
      if (pictureFormats.includes(from) && wanted !== 'pdf') {
        const picture = await workshop.run(
          'convertPicture',
          { name: found.name, bytes: found.bytes, format: wanted },
          owner(call),
        );
        const value = await call.drive.make(name, picture.bytes, typeOfFormat(wanted));
        return plain({ ...value, width: picture.width, height: picture.height });
      }
      const bytes = await workshop.run(
        'convert',
        { ...(await readable(found, call)), format: wanted, locale: call.locale },
        owner(call),
      );
      return plain(await call.drive.make(name, bytes, typeOfFormat(wanted)));
    },
    COMPRESS: async ({ target, files }, call) => {
      const places = listOf(files).flatMap((one) => (Array.isArray(one) ? one : [one]) as readonly PlainValue[]);
      const found = await fetchFiles(call, places, documentLimits.packedFilesMax, true);
      const bytes = await workshop.run('pack', { files: uniquelyNamed(found) }, owner(call));
      const path = target === undefined ? null : pathOf(target);
      if (path === null) return plain(await call.drive.make('files.zip', bytes, typeOfFormat('zip')));
      const named = /\.\w+$/.test(path) ? path : `${path}.zip`;
      return plain(await call.drive.write(named, bytes, typeOfFormat('zip')), named);
    },
    EXTRACT: async ({ file, folder }, call) => {
      const found = await fetchFile(call, file);
      const place = placeOf(file);
      const unpacked = await workshop.run('unpack', { name: found.name, bytes: found.bytes }, owner(call));
      const root =
        folder === undefined ? (typeof place === 'string' ? pathOf(place) : found.name).replace(/\.\w+$/, '') : pathOf(folder);
      const written: PlainValue[] = [];
      for (const { name, bytes } of unpacked) {
        call.signal.throwIfAborted();
        const path = root === '' ? name : `${root}/${name}`;
        written.push(plain(await call.drive.write(path, bytes, typeOfFormat(formatOf(name))), path));
      }
      return written;
    },
  };
}

/** The names in the zip: as they lie on the drive, and two of one name told apart. */
function uniquelyNamed(files: readonly FoundFile[]): { name: string; bytes: Uint8Array }[] {
  const seen = new Set<string>();
  return files.map(({ name, bytes }) => {
    let unique = name;
    for (let copy = 2; seen.has(unique.toLowerCase()); copy++) unique = name.replace(/(\.\w+)?$/, ` (${copy})$1`);
    seen.add(unique.toLowerCase());
    return { name: unique, bytes };
  });
}

/** A document together with the pictures of the drive that it shows, so that the workshop needs nothing of the drive. */
async function readable(
  file: FoundFile,
  call: OutsideCall,
): Promise<{ name: string; bytes: Uint8Array; type: string; pictures: Record<string, Uint8Array> }> {
  const { name, bytes, type } = file;
  const pictures: Record<string, Uint8Array> = Object.create(null);
  const format = formatOf(name, type);
  if (format === 'html' || format === 'md') {
    const sources = new Set<string>();
    const pattern = /<img\b[^>]*?\bsrc\s*=\s*["']([^"']{1,300})["']|!\[[^\]\n]{0,300}\]\(\s*<?([^\s)>]{1,300})/gi;
    for (const [, html, markdown] of decodeText(bytes, name).slice(0, documentLimits.textMax).matchAll(pattern))
      sources.add((html ?? markdown)!);
    for (const source of [...sources].slice(0, documentLimits.picturesMax)) {
      if (/^[a-z][\w+.-]*:/i.test(source) || source.includes('..') || source.startsWith('//')) continue;
      const found = await call.drive.read(decodeSource(source));
      if (found) pictures[source] = found.bytes;
    }
  }
  return { name, bytes, type, pictures };
}

function decodeSource(source: string): string {
  try {
    return decodeURIComponent(source).replace(/^(?:\.?\/)+/, '');
  } catch {
    // A lone per cent sign: then the name has one.
    return source;
  }
}
