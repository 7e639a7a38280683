import { type Canvas, createCanvas, loadImage, type SKRSContext2D } from '@napi-rs/canvas';
import { documentLimits } from '../limits.ts';
import { tooMuch, unreadable } from '../refusals.ts';
import { useFonts } from './fonts.ts';
import { pictureSize, turnOf } from './size.ts';

export interface Picture {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** A canvas for so many pixels of a screen, drawn `scale` times as fine. */
export function canvasOf(width: number, height: number, scale = 1): { canvas: Canvas; context: SKRSContext2D } {
  useFonts();
  const canvas = createCanvas(Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale)));
  const context = canvas.getContext('2d');
  context.scale(scale, scale);
  return { canvas, context };
}

/**
 * Decodes a picture, upright whatever way the camera was held, and at most `sideMax` pixels on its longer side. Its size
 * is read before anything is decoded: a small file may claim a picture as large as a city.
 */
export async function decode(bytes: Uint8Array, name: string, sideMax: number = documentLimits.sideMax): Promise<Canvas> {
  useFonts();
  const size = pictureSize(bytes) ?? vectorSize(bytes);
  if (size === null || size.width < 1 || size.height < 1) throw unreadable(name);
  if (size.width * size.height > documentLimits.pixelsMax)
    throw tooMuch(
      `${name} has too many pixels: at most ${documentLimits.pixelsMax / 1_000_000} million`,
      `${name} tem pixels demais: no máximo ${documentLimits.pixelsMax / 1_000_000} milhões`,
    );
  const image = await loadImage(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).catch((error: unknown) => {
    throw unreadable(name, error);
  });
  const turn = turnOf(bytes);
  const scale = Math.min(1, sideMax / Math.max(image.width, image.height));
  const width = Math.max(1, Math.round(image.width * scale));
  const height = Math.max(1, Math.round(image.height * scale));
  const isOnItsSide = turn >= 5 && size.width === image.width && size.width !== size.height;
  const canvas = createCanvas(isOnItsSide ? height : width, isOnItsSide ? width : height);
  const context = canvas.getContext('2d');
  if (isOnItsSide || (turn < 5 && turn > 1)) upright(context, turn, width, height);
  context.drawImage(image, 0, 0, width, height);
  return canvas;
}

function upright(context: SKRSContext2D, turn: number, width: number, height: number): void {
  if (turn === 2) context.transform(-1, 0, 0, 1, width, 0);
  else if (turn === 3) context.transform(-1, 0, 0, -1, width, height);
  else if (turn === 4) context.transform(1, 0, 0, -1, 0, height);
  else if (turn === 5) context.transform(0, 1, 1, 0, 0, 0);
  else if (turn === 6) context.transform(0, 1, -1, 0, height, 0);
  else if (turn === 7) context.transform(0, -1, -1, 0, height, width);
  else if (turn === 8) context.transform(0, -1, 1, 0, 0, width);
}

/** Drawings in SVG, without anything in them that could be large while it looks small. */
function vectorSize(bytes: Uint8Array): { width: number; height: number } | null {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 4_000));
  if (!/<svg[\s>]/i.test(head) || bytes.length > 2_000_000) return null;
  const text = new TextDecoder().decode(bytes);
  // What refers to others can be nested so that it is drawn a billion times, and filters can be made to never end.
  const references = text.match(/<(?:\w+:)?(?:use|pattern|mask|clipPath|marker)[\s>]/gi)?.length ?? 0;
  if (/<!(?:DOCTYPE|ENTITY)|<(?:\w+:)?filter[\s>]/i.test(text) || references > 24) return null;
  const tag = /<svg[^>]*>/i.exec(text)?.[0] ?? '';
  const [, , , boxWidth = '', boxHeight = ''] =
    /viewBox\s*=\s*["']\s*([-\d.]+)[\s,]+([-\d.]+)[\s,]+([\d.]+)[\s,]+([\d.]+)/i.exec(tag) ?? [];
  const width = Number(/\swidth\s*=\s*["']\s*([\d.]+)(?:px)?\s*["']/i.exec(tag)?.[1] ?? (boxWidth || 300));
  const height = Number(/\sheight\s*=\s*["']\s*([\d.]+)(?:px)?\s*["']/i.exec(tag)?.[1] ?? (boxHeight || 150));
  return Number.isFinite(width) && Number.isFinite(height) ? { width, height } : null;
}

export async function encode(canvas: Canvas, format: 'png' | 'jpg' | 'webp' = 'png'): Promise<Picture> {
  const source = format === 'jpg' ? onWhite(canvas) : canvas;
  const bytes = format === 'png' ? await source.encode('png') : await source.encode(format === 'jpg' ? 'jpeg' : 'webp', 88);
  return { bytes: new Uint8Array(bytes), width: canvas.width, height: canvas.height };
}

/** JPEG knows no transparency; left alone it would turn black. */
function onWhite(canvas: Canvas): Canvas {
  const plain = createCanvas(canvas.width, canvas.height);
  const context = plain.getContext('2d');
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(canvas, 0, 0);
  return plain;
}
