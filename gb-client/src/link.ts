import { type ClientFrame, closeCodes, type ErrorBody, type ServerFrame } from 'gb-protocol';
import type { WebSocketLike } from './options.ts';

export type Welcome = Extract<ServerFrame, { type: 'welcome' }>;
type Hello = Extract<ClientFrame, { type: 'hello' }>;

export interface LinkOptions {
  readonly url: string;
  readonly openWebSocket: (url: string) => WebSocketLike;
  readonly hello: () => Hello;
  /** Time from its making to `welcome`. */
  readonly helloMs: number;
  readonly onWelcome: (welcome: Welcome) => void;
  /** Any frame but `welcome`, also before it. */
  readonly onFrame: (frame: ServerFrame) => void;
  /** The other side ended it, or it never came up. `refusal` is the error that nothing came after. */
  readonly onGone: (code: number, reason: string, refusal: ErrorBody | null) => void;
  readonly onWarning: (message: string, cause?: unknown) => void;
}

/** One connection, from its making to its end: after `close` or `onGone` nothing more is heard from it. */
export class Link {
  readonly #options: LinkOptions;
  #socket: WebSocketLike | null;
  #isUp = false;
  #follows = false;
  #heardAtMs = performance.now();
  #refusal: ErrorBody | null = null;
  readonly #helloTimer: ReturnType<typeof setTimeout>;

  /** Throws when the address is none. */
  constructor(options: LinkOptions) {
    this.#options = options;
    const socket = options.openWebSocket(options.url);
    this.#socket = socket;
    this.#helloTimer = setTimeout(() => this.#end(closeCodes.silent, 'no welcome', true), options.helloMs);
    socket.addEventListener('open', () => {
      if (!this.#socket) return;
      const hello = options.hello();
      this.#follows = (hello.channels?.length ?? 0) > 0;
      this.#write(hello);
    });
    socket.addEventListener('message', (event) => {
      if (this.#socket) this.#hear(event.data);
    });
    // What went wrong shows in the close that follows, as far as a browser tells at all.
    socket.addEventListener('error', () => {});
    socket.addEventListener('close', (event) => this.#end(event.code, event.reason, false));
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Whether it asked for channels in its hello, and will be told where they stand. */
  get follows(): boolean {
    return this.#follows;
  }

  /** When the other side was last heard, by the monotonic clock. */
  get heardAtMs(): number {
    return this.#heardAtMs;
  }

  /** False when it is not up: the frame is then gone. */
  send(frame: ClientFrame): boolean {
    return this.#isUp && this.#write(frame);
  }

  close(code: number, reason: string): void {
    const socket = this.#forget();
    try {
      socket?.close(code, reason);
    } catch (cause) {
      this.#options.onWarning('the socket could not be closed', cause);
    }
  }

  #write(frame: ClientFrame): boolean {
    try {
      this.#socket!.send(JSON.stringify(frame));
      return true;
    } catch {
      // Between the socket's end and the news of it. The close event follows and everything unacked is sent again.
      return false;
    }
  }

  #hear(data: unknown): void {
    this.#heardAtMs = performance.now();
    const frame = parseFrame(data);
    if (!frame) {
      this.#options.onWarning('a frame that is not JSON with a type was ignored');
      return;
    }
    if (frame.type === 'welcome') {
      if (this.#isUp) return;
      clearTimeout(this.#helloTimer);
      this.#isUp = true;
      this.#options.onWelcome(frame);
      return;
    }
    // Only an error with nothing after it can be why the server closes.
    this.#refusal = frame.type === 'error' && frame.id === undefined ? frame : null;
    this.#options.onFrame(frame);
  }

  #end(code: number, reason: string, isOurs: boolean): void {
    if (!this.#socket) return;
    if (isOurs) this.close(code, reason);
    else this.#forget();
    this.#options.onGone(code, reason, this.#refusal);
  }

  #forget(): WebSocketLike | null {
    const socket = this.#socket;
    this.#socket = null;
    this.#isUp = false;
    clearTimeout(this.#helloTimer);
    return socket;
  }
}

function parseFrame(data: unknown): ServerFrame | null {
  if (typeof data !== 'string') return null;
  try {
    const frame = JSON.parse(data) as { readonly type?: unknown } | null;
    return typeof frame?.type === 'string' ? (frame as ServerFrame) : null;
  } catch {
    return null; // the caller warns
  }
}
