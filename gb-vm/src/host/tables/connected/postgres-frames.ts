import type { Duplex } from 'node:stream';

/**
 * What comes from a database that a stranger runs, before the driver reads it. The driver believes the lengths and ends it
 * is told: an error message without its end lets it look for one for ever, in the thread that serves everybody, and other
 * nonsense makes it throw where nobody catches. So the frames are checked here, and whatever is wrong breaks the connection.
 */
export function guardFrames(connection: { attachListeners(stream: Duplex): void }, bytesMax: number): void {
  const attach = connection.attachListeners.bind(connection);
  connection.attachListeners = (stream) => {
    const check = frameChecker(bytesMax);
    const guarded = {
      on(event: string, listener: (data: Buffer) => void) {
        if (event !== 'data') stream.on(event, listener);
        else
          stream.on('data', (data: Buffer) => {
            if (stream.destroyed) return;
            try {
              check(data);
              listener(data);
            } catch (error) {
              stream.destroy(error instanceof Error ? error : new Error(String(error)));
            }
          });
        return guarded;
      },
    };
    // It listens, and does nothing else with it.
    attach(guarded as unknown as Duplex);
  };
}

const headerBytes = 5;
/** An error and a notice: fields, each with its end, and the end of all. */
const listsFields = new Set(['E'.charCodeAt(0), 'N'.charCodeAt(0)]);

const broken = (message: string, code: string): Error => Object.assign(new Error(message), { code });

/** Takes the bytes as they come and throws at the end of the first message that is none. */
function frameChecker(bytesMax: number): (data: Uint8Array) => void {
  const header = new Uint8Array(headerBytes);
  let headerCount = 0;
  let left = 0;
  /** How many zeros the body ends with up to now, at most two. A list without a field is one zero. */
  let zeros = 0;
  return (data) => {
    for (let at = 0; at < data.length; ) {
      if (headerCount < headerBytes) {
        header[headerCount++] = data[at++]!;
        if (headerCount < headerBytes) continue;
        const length = new DataView(header.buffer).getUint32(1);
        if (length < 4) throw broken('A message of the database has no such length.', 'BAD_MESSAGE');
        if (length > bytesMax) throw broken('A message of the database is too long.', 'TOO_MUCH');
        left = length - 4;
        zeros = 1;
      } else {
        const count = Math.min(left, data.length - at);
        const last = data.subarray(Math.max(at, at + count - 2), at + count);
        for (const byte of last) zeros = byte === 0 ? Math.min(2, zeros + 1) : 0;
        left -= count;
        at += count;
      }
      if (left > 0) continue;
      headerCount = 0;
      if (listsFields.has(header[0]!) && zeros < 2) throw broken('A message of the database has no end.', 'BAD_MESSAGE');
    }
  };
}
