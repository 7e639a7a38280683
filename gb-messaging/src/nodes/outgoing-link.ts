import { connect, type Socket } from 'node:net';
import { backoffMs, GbError, type Logger } from 'gb-utils';
import { bodyBytesMax, FrameReader, frameKinds, writeFrame } from './link-frames.ts';
import { isSignature, newHello, readChallenge, sign } from './link-proof.ts';

/** What a peer that does not read may keep waiting here. Beyond it nothing more is told until it has read all of that. */
const backlogBytesMax = 16 * 1024 * 1024;
/** Beyond this nothing is asked: the answer would come too late. */
const askBacklogBytesMax = 4 * 1024 * 1024;
const asksMax = 64;
/** From dialling to being linked. */
const upMsMax = 5_000;
const redialMsMax = 2_000;
const handshakeBytesMax = 1_024;

export interface OutgoingLinkOptions {
  readonly self: string;
  /** Where we listen ourselves, so that the peer can call back. */
  readonly address: string;
  readonly peer: string;
  readonly path: string;
  readonly key: Uint8Array;
  readonly log: Logger;
  /** Things told to anybody so far, by this node. */
  readonly said: () => number;
  readonly onUp: () => void;
  readonly onDown: () => void;
}

interface Pending {
  resolve(body: Buffer): void;
  reject(error: Error): void;
  readonly timer: NodeJS.Timeout;
}

/**
 * The way to one peer, dialled by us and dialled again whenever it is cut: here we tell and ask, and hear nothing but
 * answers. What the peer has to tell comes over the link that it dials.
 */
export class OutgoingLink {
  readonly #options: OutgoingLinkOptions;
  readonly #pending = new Map<number, Pending>();
  #socket: Socket | null = null;
  #isUp = false;
  #isBehind = false;
  #lastAsk = 0;
  #failures = 0;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;
  dropped = 0;

  constructor(options: OutgoingLinkOptions) {
    this.#options = options;
    this.#dial();
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get path(): string {
    return this.#options.path;
  }

  /** A whole frame. One that does not fit is dropped with all that follow it, until the peer has read: it will be told so. */
  tell(frame: Buffer): void {
    const socket = this.#socket;
    if (!this.#isUp || !socket) return;
    if (!this.#isBehind && socket.writableLength + frame.length <= backlogBytesMax) {
      socket.write(frame);
      return;
    }
    this.dropped += 1;
    if (this.#isBehind) return;
    this.#isBehind = true;
    const go = () => {
      this.#isBehind = false;
      socket.write(writeFrame(frameKinds.lost));
    };
    if (socket.writableNeedDrain) socket.once('drain', go);
    else setImmediate(go);
  }

  /** The peer's answer. Fails with `unavailable` when there is none in time, and it is then not known what the peer did. */
  ask(body: string, msMax: number): Promise<Buffer> {
    const socket = this.#socket;
    if (!this.#isUp || !socket || this.#pending.size >= asksMax || socket.writableLength > askBacklogBytesMax)
      return Promise.reject(failed('The peer cannot be asked now'));
    this.#lastAsk = (this.#lastAsk + 1) >>> 0;
    const id = this.#lastAsk;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#take(id)?.reject(failed('The peer did not answer in time')), msMax);
      this.#pending.set(id, { resolve, reject, timer });
      socket.write(writeFrame(frameKinds.ask, body, id));
    });
  }

  retire(): void {
    if (this.#isUp) this.#socket?.write(writeFrame(frameKinds.retiring));
  }

  /** What was told is told, if the peer reads it; nothing follows. */
  async close(msMax: number): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#timer) clearTimeout(this.#timer);
    const socket = this.#socket;
    if (!socket || !this.#isUp) return void socket?.destroy();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => socket.destroy(), msMax);
      socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      socket.end(writeFrame(frameKinds.farewell));
    });
  }

  #dial(): void {
    const { self, address, peer, path, key, log } = this.#options;
    const socket = connect({ path });
    const reader = new FrameReader(handshakeBytesMax);
    const hello = newHello(self, address);
    this.#socket = socket;
    this.#isBehind = false;
    let isProven = false;
    const timer = setTimeout(() => socket.destroy(), upMsMax);
    socket.on('connect', () => socket.write(writeFrame(frameKinds.hello, JSON.stringify(hello))));
    socket.on('data', (chunk) => {
      reader.push(chunk);
      for (let frame = reader.next(); frame; frame = reader.next()) {
        const { kind, id, body } = frame;
        if (kind === frameKinds.answer) this.#take(id)?.resolve(body);
        else if (kind === frameKinds.refusal) this.#take(id)?.reject(failed('The peer refuses'));
        else if (kind === frameKinds.challenge && !isProven) {
          const challenge = readChallenge(body);
          if (challenge?.node !== peer || !isSignature(challenge.mac, sign(key, 'called', hello, challenge))) {
            log.warn({ path }, 'Whoever listens at the socket of a peer does not belong to this installation');
            return void socket.destroy();
          }
          isProven = true;
          clearTimeout(timer);
          reader.bytesMax = bodyBytesMax;
          socket.write(writeFrame(frameKinds.proof, JSON.stringify({ mac: sign(key, 'caller', hello, challenge) })));
          socket.write(writeFrame(frameKinds.live, JSON.stringify({ said: this.#options.said() })));
          this.#failures = 0;
          this.#isUp = true;
          this.#options.onUp();
        } else return void socket.destroy();
      }
      if (reader.isBroken) socket.destroy();
    });
    // What went wrong matters to nobody: `close` follows, and we dial again.
    socket.on('error', (error) => log.debug({ reason: error.message, path }, 'A link to a peer failed'));
    socket.on('close', () => {
      clearTimeout(timer);
      this.#onClose(socket);
    });
  }

  #onClose(socket: Socket): void {
    if (this.#socket !== socket) return;
    this.#socket = null;
    const wasUp = this.#isUp;
    this.#isUp = false;
    for (const id of [...this.#pending.keys()]) this.#take(id)?.reject(failed('The link to the peer was cut'));
    if (wasUp) this.#options.onDown();
    if (this.#isClosed) return;
    const waitMs = 20 + backoffMs(this.#failures++, { baseMs: 100, maxMs: redialMsMax });
    this.#timer = setTimeout(() => this.#dial(), waitMs).unref();
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    if (!pending) return undefined; // It came too late.
    this.#pending.delete(id);
    clearTimeout(pending.timer);
    return pending;
  }
}

function failed(text: string): GbError {
  return new GbError('unavailable', text, { retryable: true });
}
