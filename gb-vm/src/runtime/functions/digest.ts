/**
 * MD5 (RFC 1321) and SHA-256 (FIPS 180-4) of bytes, in hexadecimal. Our own because turns run in browsers too, where the
 * platform's digests are asynchronous and a turn is not. MD5 is for old interfaces that ask for it, never for secrets.
 */
export function sha256(bytes: Uint8Array): string {
  const state = Uint32Array.from(shaStart);
  const words = new Uint32Array(64);
  eachBlock(bytes, false, (block) => {
    for (let index = 0; index < 16; index++) words[index] = block.getUint32(4 * index, false);
    for (let index = 16; index < 64; index++) {
      const [a, b] = [words[index - 15]!, words[index - 2]!];
      words[index] =
        words[index - 16]! +
        (right(a, 7) ^ right(a, 18) ^ (a >>> 3)) +
        words[index - 7]! +
        (right(b, 17) ^ right(b, 19) ^ (b >>> 10));
    }
    let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
    for (let index = 0; index < 64; index++) {
      const first =
        (h + (right(e, 6) ^ right(e, 11) ^ right(e, 25)) + ((e & f) ^ (~e & g)) + shaTable[index]! + words[index]!) | 0;
      const second = ((right(a, 2) ^ right(a, 13) ^ right(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((value, index) => {
      state[index] = state[index]! + value;
    });
  });
  return Array.from(state, (value) => value.toString(16).padStart(8, '0')).join('');
}

export function md5(bytes: Uint8Array): string {
  const state = Uint32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  eachBlock(bytes, true, (block) => {
    let [a, b, c, d] = state as unknown as [number, number, number, number];
    for (let index = 0; index < 64; index++) {
      const round = index >> 4;
      const mixed = round === 0 ? (b & c) | (~b & d) : round === 1 ? (d & b) | (~d & c) : round === 2 ? b ^ c ^ d : c ^ (b | ~d);
      const word = [index, 5 * index + 1, 3 * index + 5, 7 * index][round]! & 15;
      const sum = a + mixed + mdTable[index]! + block.getUint32(4 * word, true);
      [a, d, c, b] = [d, c, b, (b + right(sum | 0, 32 - mdTurns[round]![index & 3]!)) | 0];
    }
    [a, b, c, d].forEach((value, index) => {
      state[index] = state[index]! + value;
    });
  });
  const view = new DataView(state.buffer);
  return Array.from(state, (_, index) =>
    view
      .getUint32(4 * index, !isLittleEndian)
      .toString(16)
      .padStart(8, '0'),
  ).join('');
}

const right = (value: number, by: number): number => (value >>> by) | (value << (32 - by));
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The bytes, a one bit, zeros and the length in bits, in blocks of 64 bytes. */
function eachBlock(bytes: Uint8Array, isLittle: boolean, see: (block: DataView) => void): void {
  const whole = bytes.length - (bytes.length % 64);
  for (let from = 0; from < whole; from += 64) see(new DataView(bytes.buffer, bytes.byteOffset + from, 64));
  const rest = bytes.length - whole;
  const last = new Uint8Array(rest < 56 ? 64 : 128);
  last.set(bytes.subarray(whole));
  last[rest] = 0x80;
  const view = new DataView(last.buffer);
  const [high, low] = [Math.floor(bytes.length / 0x20000000), bytes.length << 3];
  view.setUint32(last.length - 8, isLittle ? low : high, isLittle);
  view.setUint32(last.length - 4, isLittle ? high : low, isLittle);
  for (let from = 0; from < last.length; from += 64) see(new DataView(last.buffer, from, 64));
}

// The tables are made as the standards define them: first bits of roots of primes, and of sines.
const primes: number[] = [];
for (let number = 2; primes.length < 64; number++) if (primes.every((prime) => number % prime !== 0)) primes.push(number);
const fraction = (value: number): number => ((value - Math.floor(value)) * 4294967296) >>> 0;
const shaStart = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
const shaTable = primes.map((prime) => fraction(Math.cbrt(prime)));
const mdTable = Array.from({ length: 64 }, (_, index) => Math.floor(Math.abs(Math.sin(index + 1)) * 4294967296) >>> 0);
const mdTurns = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
];
