import { fileTypeFromBuffer } from 'file-type';
import { disableTypes, imageSize } from 'image-size';

/** As many of a file's first bytes as the type and the pixels are read from; a JPEG may carry a preview before its own size. */
export const headBytesMax = 262_144;

export interface Looks {
  /** Media type. */
  readonly type: string;
  readonly width: number | null;
  readonly height: number | null;
}

/** Of the formats the library reads only those are asked for that a page can show; what is not asked cannot be attacked. */
disableTypes([
  'bmp',
  'cur',
  'dds',
  'heif',
  'icns',
  'ico',
  'j2c',
  'jp2',
  'jxl',
  'jxl-stream',
  'ktx',
  'pnm',
  'psd',
  'svg',
  'tga',
  'tiff',
]);
const measured = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/** Formats without a mark of their own, which a name may claim. All of them are shown as text or not at all. */
const textTypes: Readonly<Record<string, string>> = {
  txt: 'text/plain',
  log: 'text/plain',
  bas: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  json: 'application/json',
  xml: 'application/xml',
  yaml: 'application/yaml',
  yml: 'application/yaml',
  html: 'text/html',
  htm: 'text/html',
  css: 'text/css',
  svg: 'image/svg+xml',
  ics: 'text/calendar',
  vcf: 'text/vcard',
  eml: 'message/rfc822',
};
const textTypeNames = new Set(Object.values(textTypes));

/**
 * What a file is, from its first bytes. What somebody said it is counts only among the text formats, which have no mark:
 * nothing becomes a picture or a film by its name.
 */
export async function lookAt(head: Uint8Array, name: string, declared: string | undefined): Promise<Looks> {
  const found = await fileTypeFromBuffer(head);
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  const said = declared?.split(';', 1)[0]?.trim().toLowerCase();
  // An SVG or a feed starts as XML does; the name says which.
  if (!found || found.mime === 'application/xml') {
    const type = textTypes[extension] ?? (said !== undefined && textTypeNames.has(said) ? said : found?.mime);
    return { type: type ?? 'application/octet-stream', width: null, height: null };
  }
  const type = plain[found.mime] ?? found.mime;
  return { type, ...(measured.has(type) ? pixels(head) : { width: null, height: null }) };
}

/** Names of one thing that differ by history. */
const plain: Readonly<Record<string, string>> = {
  'audio/x-m4a': 'audio/mp4',
  'audio/vnd.wave': 'audio/wav',
  'audio/x-flac': 'audio/flac',
  'audio/opus': 'audio/ogg',
  'video/x-m4v': 'video/mp4',
};

function pixels(head: Uint8Array): { width: number | null; height: number | null } {
  try {
    const { width, height, orientation } = imageSize(head);
    if (!isPixels(width) || !isPixels(height)) return { width: null, height: null };
    // Taken with the camera on its side (Exif 2.32, tag Orientation): shown turned.
    return orientation !== undefined && orientation >= 5 ? { width: height, height: width } : { width, height };
  } catch {
    // A picture that is damaged is a file like any other: without a size it is not shown in place.
    return { width: null, height: null };
  }
}

function isPixels(value: number): boolean {
  return Number.isInteger(value) && value > 0 && value <= 100_000;
}
