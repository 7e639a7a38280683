import type { FileValue, OutsideCall, PlainValue } from 'gb-core';
import { type Args, OperationFailed, type OutsideOperation } from '../../operation.ts';
import { formatOf, pictureFormats, renamed, typeOfFormat } from '../formats.ts';
import { documentLimits } from '../limits.ts';
import type { Picture } from '../pictures/canvas.ts';
import { tooMuch } from '../refusals.ts';
import { isFile, isRow, listOf, textOfValue } from '../values.ts';
import { type DocumentOptions, fetchFile, fetchFiles, owner } from './context.ts';

export function pictureOperations({ workshop }: DocumentOptions): Readonly<Record<string, OutsideOperation>> {
  const changed =
    (job: 'blur' | 'sharpen'): OutsideOperation =>
    async ({ file }, call) => {
      const { name, bytes } = await fetchFile(call, file);
      const picture = await workshop.run(job, { name, bytes }, owner(call));
      return keep(call, renamed(name, picture.bytes[0] === 0xff ? 'jpg' : 'png'), picture);
    };
  return {
    CHART: async (args, call) => chartPicture({ workshop }, args, call),
    'AS IMAGE': async ({ value }, call) => {
      const file = await documentBehind(value, call);
      if (file && pictureFormats.includes(formatOf(file.name, file.type))) return plain(file.value);
      const shown = file ? await tableInside(workshop, file, call) : value;
      const picture = await workshop.run('valuePicture', { value: shown ?? null, locale: call.locale }, owner(call));
      return keep(call, isRow(shown) || Array.isArray(shown) ? 'table.png' : 'text.png', picture);
    },
    'QR CODE': async ({ text }, call) =>
      keep(call, 'qrcode.png', await workshop.run('qr', { text: textOfValue(text) }, owner(call))),
    'SCAN BARCODE': async ({ file }, call) => {
      const { name, bytes } = await fetchFile(call, file);
      const [code] = await workshop.run('scan', { name, bytes }, owner(call));
      if (code !== undefined) return code;
      throw new OperationFailed({
        en: `there is no code to be read in ${name}`,
        pt: `não há código que se possa ler em ${name}`,
      });
    },
    BLUR: changed('blur'),
    SHARPEN: changed('sharpen'),
    'MERGE IMAGE': async ({ files }, call) => {
      const places = listOf(files).flatMap((one) => (Array.isArray(one) ? one : [one]) as readonly PlainValue[]);
      if (places.length > documentLimits.mergedPicturesMax)
        throw tooMuch(
          `at most ${documentLimits.mergedPicturesMax} pictures are merged`,
          `no máximo ${documentLimits.mergedPicturesMax} imagens são juntadas`,
        );
      const found = await fetchFiles(call, places, documentLimits.mergedPicturesMax);
      const pictures = found.map(({ name, bytes }) => ({ name, bytes }));
      return keep(call, 'pictures.png', await workshop.run('mergePictures', { pictures }, owner(call)));
    },
  };
}

/** CHART, for what else draws charts: its own arguments, and a title where there is one. */
export async function chartPicture(
  { workshop }: Pick<DocumentOptions, 'workshop'>,
  args: Args,
  call: OutsideCall,
): Promise<PlainValue> {
  const { data, legends, isTransposed, title } = args;
  const input = {
    kind: textOfValue(args['kind']),
    data: data ?? null,
    // CHART "pie", rows, TRUE: what stands where the legends would says how the table lies.
    ...(legends === undefined || typeof legends === 'boolean' ? {} : { legends }),
    isTransposed: isTransposed === true || legends === true,
    ...(typeof title === 'string' ? { title } : {}),
    locale: call.locale,
  };
  return keep(call, 'chart.png', await workshop.run('chart', input, owner(call)));
}

async function keep(call: OutsideCall, name: string, { bytes, width, height }: Picture): Promise<PlainValue> {
  const value = await call.drive.make(name, bytes, typeOfFormat(formatOf(name)));
  return plain({ ...value, width, height });
}

export function plain(value: FileValue, path?: string): PlainValue {
  return { ...value, ...(path === undefined ? {} : { path }) };
}

/** A file that was given, or the one that a text names. Null for a value that is to be shown itself. */
export async function documentBehind(
  value: PlainValue | undefined,
  call: OutsideCall,
): Promise<Awaited<ReturnType<typeof fetchFile>> | null> {
  if (isFile(value)) return fetchFile(call, value);
  if (
    typeof value !== 'string' ||
    !/^[^\n<>|"*?]{1,200}\.(?:docx|md|html?|txt|csv|xlsx|json|pdf|png|jpe?g|webp|gif|svg)$/i.test(value)
  )
    return null;
  const found = await call.drive.read(value);
  return found && { name: found.value.name, bytes: found.bytes, value: found.value, type: found.value.type };
}

async function tableInside(
  workshop: DocumentOptions['workshop'],
  file: Awaited<ReturnType<typeof fetchFile>>,
  call: OutsideCall,
): Promise<PlainValue> {
  const { name, bytes, type } = file;
  const format = formatOf(name, type);
  if (format !== 'csv' && format !== 'xlsx') return workshop.run('text', { name, bytes, type }, owner(call));
  const { sheets } = await workshop.run('readSheets', { name: `${name}.${format}`, bytes }, owner(call));
  return sheets[0]?.rows ?? [];
}
