import { createCanvas, loadImage } from '@napi-rs/canvas';
import QRCode from 'qrcode';

/** A PNG of one colour, with a square of another in its middle. */
export function picture(colour: string, middle = colour, width = 40, height = 40): Uint8Array {
  const canvas = createCanvas(width, height);
  const context = canvas.getContext('2d');
  context.fillStyle = colour;
  context.fillRect(0, 0, width, height);
  context.fillStyle = middle;
  context.fillRect(width / 4, height / 4, width / 2, height / 2);
  return new Uint8Array(canvas.toBuffer('image/png'));
}

/** A photo of a QR code. */
export async function codePicture(text: string): Promise<Uint8Array> {
  return new Uint8Array(await QRCode.toBuffer(text, { scale: 6 }));
}

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green and blue. */
  at(x: number, y: number): readonly [number, number, number];
  /** How many different colours there are. */
  readonly colours: number;
}

export async function pixelsOf(bytes: Uint8Array): Promise<Pixels> {
  const image = await loadImage(Buffer.from(bytes));
  const { width, height } = image;
  const context = createCanvas(width, height).getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const colours = new Set<number>();
  for (let i = 0; i < data.length; i += 4) colours.add((data[i]! << 16) | (data[i + 1]! << 8) | data[i + 2]!);
  return {
    width,
    height,
    at(x, y) {
      const i = (y * width + x) * 4;
      return [data[i]!, data[i + 1]!, data[i + 2]!];
    },
    colours: colours.size,
  };
}

/** A tenth of a second of silence, as WAV. */
export function sound(): Uint8Array {
  const samples = 800;
  const bytes = Buffer.alloc(44 + samples);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + samples, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  for (const [at, value] of [1, 1].entries()) bytes.writeUInt16LE(value, 20 + 2 * at);
  bytes.writeUInt32LE(8_000, 24);
  bytes.writeUInt32LE(8_000, 28);
  bytes.writeUInt16LE(1, 32);
  bytes.writeUInt16LE(8, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(samples, 40);
  bytes.fill(128, 44);
  return new Uint8Array(bytes);
}

/** The head of an MP4 file, and a box without a picture. */
export function film(): Uint8Array {
  const head = Buffer.from('\0\0\0\u0018ftypisom\0\0\u0002\0isommp41\0\0\0\u0008free', 'latin1');
  return new Uint8Array(head);
}
