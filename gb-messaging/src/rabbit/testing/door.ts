import { connect, createServer, type Socket } from 'node:net';

/** A way to a server of this machine that can be shut while somebody goes through it. */
export interface Door {
  readonly port: number;
  /** Ends every connection that goes through it, without a word. New ones come through. */
  cut(): void;
  close(): Promise<void>;
}

export async function openDoor(to: number): Promise<Door> {
  const sockets = new Set<Socket>();
  const server = createServer((outer) => {
    const inner = connect(to, '127.0.0.1');
    for (const one of [outer, inner]) {
      sockets.add(one);
      one.on('error', () => {}); // The other end of it is told by 'close'.
      one.once('close', () => {
        sockets.delete(one);
        outer.destroy();
        inner.destroy();
      });
    }
    outer.pipe(inner).pipe(outer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the door has no port');
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    port: address.port,
    cut,
    close: () =>
      new Promise((resolve) => {
        cut();
        server.close(() => resolve());
      }),
  };
}
