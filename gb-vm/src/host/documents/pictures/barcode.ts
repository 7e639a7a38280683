import fs from 'node:fs';
import { createRequire } from 'node:module';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { decode } from './canvas.ts';
import type { NamedBytes } from './effects.ts';

let isPrepared = false;

/** The texts of all codes in a picture, QR and the striped ones, in the order they were found; none is an empty list. */
export async function scanCodes({ name, bytes }: NamedBytes): Promise<readonly string[]> {
  if (!isPrepared) {
    // From the package itself: left alone, the module would fetch its machine code from the web.
    const wasm = fs.readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'));
    const own = wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength);
    prepareZXingModule({ overrides: { wasmBinary: own } });
    isPrepared = true;
  }
  const canvas = await decode(bytes, name, 2_400);
  const { data, width, height } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const image = { data: new Uint8ClampedArray(data), width, height, colorSpace: 'srgb' } as ImageData;
  const found = await readBarcodes(image, { tryHarder: true, tryRotate: true, tryInvert: true, maxNumberOfSymbols: 20 });
  return found.filter((code) => code.isValid && code.text !== '').map((code) => code.text.slice(0, 10_000));
}
