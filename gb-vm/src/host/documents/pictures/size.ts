/** Pixels of a picture as its header states them, without decoding it; null for what is no picture that we know. */
export function pictureSize(
  bytes: Uint8Array,
): { readonly width: number; readonly height: number; readonly format: string } | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    if (view.getUint32(0) === 0x89504e47) return { format: 'png', width: view.getUint32(16), height: view.getUint32(20) };
    if (view.getUint32(0) === 0x47494638)
      return { format: 'gif', width: view.getUint16(6, true), height: view.getUint16(8, true) };
    if (view.getUint16(0) === 0xffd8) return jpegSize(view);
    if (view.getUint32(0) === 0x52494646 && view.getUint32(8) === 0x57454250) return webpSize(view);
  } catch (error) {
    // A header that ends in the middle: there is no size to read, and so no picture.
    if (error instanceof RangeError) return null;
    throw error;
  }
  return null;
}

function jpegSize(view: DataView): ReturnType<typeof pictureSize> {
  for (let at = 2; at < view.byteLength; ) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { format: 'jpg', height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    // Filling bytes and markers without a body.
    if (marker === 0xff) at++;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else at += 2 + view.getUint16(at + 2);
  }
  return null;
}

function webpSize(view: DataView): ReturnType<typeof pictureSize> {
  const kind = view.getUint32(12);
  if (kind === 0x56503820)
    return { format: 'webp', width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  if (kind === 0x5650384c) {
    const bits = view.getUint32(21, true);
    return { format: 'webp', width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
  }
  if (kind !== 0x56503858) return null;
  const three = (at: number): number => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
  return { format: 'webp', width: three(24) + 1, height: three(27) + 1 };
}

/** How a camera was held: 1 upright, 3 upside down, 6 and 8 on its sides; 2, 4, 5, 7 the same in a mirror. */
export function turnOf(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    if (view.getUint16(0) !== 0xffd8) return 1;
    for (let at = 2; at < view.byteLength && view.getUint8(at) === 0xff; at += 2 + view.getUint16(at + 2)) {
      if (view.getUint8(at + 1) === 0xda) return 1;
      if (view.getUint8(at + 1) !== 0xe1 || view.getUint32(at + 4) !== 0x45786966) continue;
      const start = at + 10;
      const isLittle = view.getUint16(start) === 0x4949;
      const entries = start + view.getUint32(start + 4, isLittle);
      for (let index = 0; index < view.getUint16(entries, isLittle); index++) {
        const entry = entries + 2 + index * 12;
        if (view.getUint16(entry, isLittle) === 0x0112) {
          const turn = view.getUint16(entry + 8, isLittle);
          return turn >= 1 && turn <= 8 ? turn : 1;
        }
      }
    }
  } catch (error) {
    // The notes of the camera are broken; the picture may be whole.
    if (error instanceof RangeError) return 1;
    throw error;
  }
  return 1;
}
