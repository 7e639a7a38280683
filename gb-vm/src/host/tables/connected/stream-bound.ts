import type { Socket } from 'node:net';

const lookMs = 50;

export interface BytesBound {
  readonly isExceeded: boolean;
  end(): void;
}

/**
 * Breaks a connection over which more comes than an answer may be: a driver keeps a message in memory until it is whole,
 * however long its sender says it is. The socket counts also what comes encrypted.
 */
export function boundedBytes(socket: Socket, bytesMax: number): BytesBound {
  let isExceeded = false;
  const timer = setInterval(() => {
    if (socket.bytesRead <= bytesMax) return;
    isExceeded = true;
    clearInterval(timer);
    socket.destroy();
  }, lookMs);
  timer.unref();
  return {
    get isExceeded() {
      return isExceeded;
    },
    end: () => clearInterval(timer),
  };
}
