import { type Canvas, createCanvas } from '@napi-rs/canvas';
import { OperationFailed } from '../../operation.ts';
import { pictureFormats } from '../formats.ts';
import { documentLimits } from '../limits.ts';
import { canvasOf, decode, encode, type Picture } from './canvas.ts';

export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Soft enough that a face or a number on it cannot be read any more. */
export async function blur({ name, bytes }: NamedBytes): Promise<Picture> {
  const picture = await decode(bytes, name);
  const { width, height } = picture;
  const radius = Math.max(3, Math.max(width, height) / 50);
  const canvas = createCanvas(width, height);
  const context = canvas.getContext('2d');
  // The edge is drawn first without softness: a blur takes what lies outside of the picture as nothing.
  context.drawImage(picture, 0, 0);
  context.filter = `blur(${radius}px)`;
  context.drawImage(picture, -radius, -radius, width + 2 * radius, height + 2 * radius);
  return encode(canvas, formatToKeep(bytes));
}

/** The usual way: what a soft copy of the picture lacks is added once more. */
export async function sharpen({ name, bytes }: NamedBytes): Promise<Picture> {
  const picture = await decode(bytes, name, 4_000);
  const { width, height } = picture;
  const soft = createCanvas(width, height);
  const softContext = soft.getContext('2d');
  softContext.drawImage(picture, 0, 0);
  softContext.filter = `blur(${Math.max(2, Math.max(width, height) / 500)}px)`;
  softContext.drawImage(picture, 0, 0);
  const context = picture.getContext('2d');
  const image = context.getImageData(0, 0, width, height);
  const blurred = softContext.getImageData(0, 0, width, height).data;
  const { data } = image;
  // Clamped to 0..255 by the array itself; every fourth byte is how solid the pixel is.
  for (let at = 0; at < data.length; at++) if ((at & 3) !== 3) data[at] = data[at]! + 1.5 * (data[at]! - blurred[at]!);
  context.putImageData(image, 0, 0);
  return encode(picture, formatToKeep(bytes));
}

/** Side by side in rows that are all equally wide, as albums show photographs. */
export async function mergePictures({ pictures }: { readonly pictures: readonly NamedBytes[] }): Promise<Picture> {
  if (pictures.length === 0) throw new OperationFailed({ en: 'there is no picture to merge', pt: 'não há imagem para juntar' });
  const decoded: Canvas[] = [];
  for (const { name, bytes } of pictures) decoded.push(await decode(bytes, name, 1_600));
  const perRow = pictures.length <= 3 ? pictures.length : Math.ceil(Math.sqrt(pictures.length));
  const gap = 12;
  const width = Math.min(2_400, Math.max(800, ...decoded.map((one) => one.width)) * (perRow > 1 ? 1.5 : 1));
  const rows = Array.from({ length: Math.ceil(decoded.length / perRow) }, (_, row) =>
    decoded.slice(row * perRow, (row + 1) * perRow),
  );
  const heights = rows.map((row) => {
    const ratios = row.reduce((sum, one) => sum + one.width / one.height, 0);
    return Math.min(1_200, (width - gap * (row.length - 1)) / ratios);
  });
  const height = Math.min(
    documentLimits.sideMax,
    heights.reduce((sum, one) => sum + one + gap, -gap),
  );
  const { canvas, context } = canvasOf(width, height);
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, width, height);
  let y = 0;
  rows.forEach((row, index) => {
    const rowHeight = heights[index]!;
    const rowWidth = row.reduce((sum, one) => sum + (one.width / one.height) * rowHeight + gap, -gap);
    let x = (width - rowWidth) / 2;
    for (const one of row) {
      const itsWidth = (one.width / one.height) * rowHeight;
      context.drawImage(one, x, y, itsWidth, rowHeight);
      x += itsWidth + gap;
    }
    y += rowHeight + gap;
  });
  return encode(canvas, 'png');
}

export async function convertPicture(input: NamedBytes & { readonly format: string }): Promise<Picture> {
  const canvas = await decode(input.bytes, input.name);
  if (input.format !== 'png' && input.format !== 'jpg' && input.format !== 'webp')
    throw new OperationFailed({
      en: `a picture becomes png, jpg, webp or pdf, not ${pictureFormats.includes(input.format) ? input.format : 'this'}`,
      pt: `uma imagem vira png, jpg, webp ou pdf, não ${pictureFormats.includes(input.format) ? input.format : 'isto'}`,
    });
  return encode(canvas, input.format);
}

/** A photograph stays one; what may have transparent places becomes PNG. */
function formatToKeep(bytes: Uint8Array): 'jpg' | 'png' {
  return bytes[0] === 0xff && bytes[1] === 0xd8 ? 'jpg' : 'png';
}
