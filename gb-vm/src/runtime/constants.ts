/**
 * The constants of a compiled program, as they lie in memory from `constantBase` on: the only segment of data in the
 * modules our compiler makes. Read from the bytes, so that nothing has to be instantiated.
 */
export function constantsOf(wasm: Uint8Array): Uint8Array {
  let at = 8;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = wasm[at++];
      if (byte === undefined) break;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    throw new Error('not a module of ours: a number that does not end');
  };
  while (at < wasm.length) {
    const id = wasm[at++];
    const length = number();
    const end = at + length;
    if (id === dataSection) {
      number(); // how many segments: one
      if (number() !== passive) break;
      const size = number();
      if (at + size > end || end > wasm.length) break;
      return wasm.subarray(at, at + size);
    }
    at = end;
  }
  throw new Error('not a module of ours: no constants');
}

const dataSection = 11;
const passive = 1;
