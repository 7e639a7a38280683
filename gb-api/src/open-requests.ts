import type { Server } from 'node:http';

const lookMs = 25;

/** HTTP requests that are being answered, so that a server that stops can let them finish. */
export class OpenRequests {
  readonly #server: Server;
  #count = 0;
  #isClosing = false;

  constructor(server: Server) {
    this.#server = server;
    server.on('request', (_request, response) => {
      this.#count += 1;
      response.once('close', () => (this.#count -= 1));
      // The next request of a client that keeps its connection goes elsewhere.
      if (this.#isClosing) response.setHeader('connection', 'close');
    });
  }

  /** Takes no further connections; those that are there end with their answer. */
  stopAccepting(): void {
    this.#isClosing = true;
    if (this.#server.listening) this.#server.close();
  }

  /** Waits until all are answered, and no longer than this. */
  async finish(waitMsMax: number): Promise<void> {
    const deadlineMs = performance.now() + waitMsMax;
    while (this.#count > 0 && performance.now() < deadlineMs) await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}
