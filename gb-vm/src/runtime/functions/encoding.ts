import { fail, type Host, type HostFunctions } from '../host.ts';
import { Arguments } from './arguments.ts';
import { md5, sha256 } from './digest.ts';
import { nextRandom } from './random.ts';

/** Texts as other systems want them: addresses, pages, base 64, fingerprints, identifiers. */
export function encodingFunctions(host: Host): HostFunctions {
  const { heap } = host;
  const args = new Arguments(host);
  const mapped =
    (change: (text: string, position: number) => string, growth: number) =>
    (cell?: number, position?: number): number => {
      args.room(heap.textLength(cell!) * growth, position!);
      return heap.makeText(change(args.text(cell!), position!));
    };
  const bytes = (cell: number): Uint8Array => {
    // Every block is work; the text alone is charged far less than its digest costs.
    heap.charge(heap.textLength(cell) >>> 2);
    return new TextEncoder().encode(args.text(cell));
  };
  const half = (): number => Math.floor(nextRandom(heap) * 4294967296);
  /** A UUID of version 4 (RFC 9562) from the program's own random numbers, so that a turn run again gives the same. */
  const uuid = (): number => {
    const hex = [half(), half(), half(), half()].map((word) => word.toString(16).padStart(8, '0')).join('');
    const variant = '89ab'[Number.parseInt(hex[16]!, 16) & 3]!;
    return heap.makeText(
      `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`,
    );
  };
  return {
    'fn:URLENCODE': mapped((text) => encodeURIComponent(text.toWellFormed()), 9),
    'fn:URLDECODE': mapped(urlDecoded, 1),
    'fn:HTMLENCODE': mapped((text) => text.replace(/[&<>"']/g, (letter) => htmlNames[letter]!), 6),
    'fn:HTMLDECODE': mapped(htmlDecoded, 1),
    'fn:BASE64': mapped((text) => toBase64(new TextEncoder().encode(text)), 4),
    'fn:FROMBASE64': mapped((text, position) => fromBase64(text) ?? fail('illegal_argument', position), 1),
    'fn:MD5': (cell) => heap.makeText(md5(bytes(cell!))),
    'fn:SHA256': (cell) => heap.makeText(sha256(bytes(cell!))),
    'fn:UUID': uuid,
  };
}

const htmlNames: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const htmlLetters: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

/** What is no valid escape stays as it is: such texts come from people and from old systems. */
function urlDecoded(text: string): string {
  return text.replace(/\+/g, ' ').replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => {
    const bytes = Uint8Array.from(run.slice(1).split('%'), (pair) => Number.parseInt(pair, 16));
    return new TextDecoder().decode(bytes);
  });
}

function htmlDecoded(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-z]{2,4}));/g, (whole, decimal, hex, name) => {
    if (name) return htmlLetters[name] ?? whole;
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const codes = new Map([...letters].map((letter, index) => [letter, index]));
codes.set('-', 62).set('_', 63);

/** RFC 4648, with padding. */
function toBase64(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let index = 0; index < bytes.length; index += 3) {
    const [a, b, c] = [bytes[index]!, bytes[index + 1], bytes[index + 2]];
    parts.push(
      letters[a >> 2]! +
        letters[((a & 3) << 4) | ((b ?? 0) >> 4)]! +
        (b === undefined ? '=' : letters[((b & 15) << 2) | ((c ?? 0) >> 6)]!) +
        (c === undefined ? '=' : letters[c & 63]!),
    );
  }
  return parts.join('');
}

/** With or without padding and line ends, in the alphabet for addresses too; null when it is something else. */
function fromBase64(text: string): string | null {
  const clean = text.replace(/\s+/g, '').replace(/={1,2}$/, '');
  if (clean.length % 4 === 1) return null;
  const bytes = new Uint8Array(Math.floor((clean.length * 3) / 4));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const letter of clean) {
    const code = codes.get(letter);
    if (code === undefined) return null;
    bits = ((bits << 6) | code) & 0xffffff;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[at++] = (bits >>> held) & 255;
    }
  }
  return new TextDecoder().decode(bytes);
}
