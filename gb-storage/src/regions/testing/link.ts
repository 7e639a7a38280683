import { connect, createServer, type NetConnectOpts, type Server, type Socket } from 'node:net';
import { assert } from 'gb-utils';

/** A way over the sea, for tests: bytes arrive late, and not at all while it is cut. */
export class Link {
  readonly #to: NetConnectOpts;
  readonly #delayMs: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(to: NetConnectOpts, delayMs: number) {
    this.#to = to;
    this.#delayMs = delayMs;
    this.#server = createServer((socket) => this.#carry(socket));
  }

  static async open(to: NetConnectOpts, delayMs: number): Promise<Link> {
    const link = new Link(to, delayMs);
    await new Promise<void>((resolve) => link.#server.listen(0, '127.0.0.1', resolve));
    return link;
  }

  get port(): number {
    const address = this.#server.address();
    assert(address !== null && typeof address === 'object', 'a link has a port');
    return address.port;
  }

  /** As when a cable is cut: nobody is told, and nothing arrives. */
  cut(): void {
    this.#isCut = true;
  }

  /** What was on its way is lost, and connections of before are of no use. */
  heal(): void {
    this.#isCut = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #carry(near: Socket): void {
    this.#keep(near);
    if (this.#isCut) return;
    const far = this.#keep(connect(this.#to));
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('data', (data) => {
        if (this.#isCut) return;
        setTimeout(() => !this.#isCut && to.writable && to.write(data), this.#delayMs);
      });
      // A farewell does not arrive either.
      from.on('close', () => !this.#isCut && setTimeout(() => to.destroy(), this.#delayMs));
    }
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.on('error', () => {}); // The other end hears of it by its own.
    socket.once('close', () => this.#sockets.delete(socket));
    return socket.setNoDelay(true);
  }
}
