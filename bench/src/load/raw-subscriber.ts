import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';

/**
 * A WebSocket client that does as little as possible: it counts events by looking for a marker in the bytes and parses
 * nothing, so that one core can receive what another core sends.
 */
const marker = Buffer.from('"benchmark message ');
/** Longest piece of a marker that can stand at the end of a chunk. */
const carryBytes = marker.length - 1;

export interface Counter {
  events: number;
}

export interface RawSubscriber {
  readonly socket: Socket;
  send(text: string): void;
  /** Everything before the first event: the answers to what it said first. */
  onText: ((text: string) => void) | null;
}

/** `receive` is shared by all: chunks are looked at before the next one is read. */
const receive = Buffer.allocUnsafe(1 << 18);

export async function openSubscriber(port: number, path: string, counter: Counter, first: string | null): Promise<RawSubscriber> {
  let carry = '';
  let isUpgraded = false;
  let head = '';
  const state: { onText: RawSubscriber['onText'] } = { onText: null };
  return new Promise((resolve, reject) => {
    const socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: receive,
        callback(length: number): boolean {
          const chunk = receive.subarray(0, length);
          if (!isUpgraded) {
            head += chunk.toString('latin1');
            if (!head.includes('\r\n\r\n')) return true;
            if (!head.startsWith('HTTP/1.1 101')) {
              reject(new Error(`The upgrade was refused: ${head.split('\r\n')[0]}`));
              return false;
            }
            isUpgraded = true;
            if (first !== null) send(first);
            resolve(subscriber);
            return true;
          }
          if (state.onText) state.onText(chunk.toString('utf8'));
          if (carry !== '') {
            const seam = carry + chunk.subarray(0, carryBytes).toString('latin1');
            if (seam.includes(marker.toString('latin1'))) counter.events += 1;
          }
          for (let at = chunk.indexOf(marker); at >= 0; at = chunk.indexOf(marker, at + marker.length)) counter.events += 1;
          carry = chunk.subarray(Math.max(0, length - carryBytes)).toString('latin1');
          return true;
        },
      },
    });
    const send = (text: string) => socket.write(maskedFrame(text));
    const subscriber: RawSubscriber = {
      socket,
      send,
      get onText() {
        return state.onText;
      },
      set onText(listener) {
        state.onText = listener;
      },
    };
    socket.on('error', reject);
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
  });
}

/** A client frame under the mask 0, which leaves the payload as it is (RFC 6455, section 5.3). */
function maskedFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const { length } = payload;
  const header =
    length < 126
      ? Buffer.from([0x81, 0x80 | length, 0, 0, 0, 0])
      : Buffer.from([0x81, 0x80 | 126, length >> 8, length & 255, 0, 0, 0, 0]);
  return Buffer.concat([header, payload]);
}
