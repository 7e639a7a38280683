import type { Socket } from 'node:net';

const lookMs = 50;

export interface BytesBound {
  readonly isExceeded: boolean;
  /** From here on no more than so many come, nor more than there are in all. */
  allow(bytes: number): void;
  end(): void;
}

/**
 * Breaks a connection over which more comes than an answer may be: a driver keeps a message in memory until it is whole,
 * however long its sender says it is. The socket counts also what comes encrypted.
 */
export function boundedBytes(socket: Socket, bytesMax: number): BytesBound {
  let isExceeded = false;
  let until = bytesMax;
  const timer = setInterval(() => {
    if (socket.bytesRead <= until) return;
    isExceeded = true;
    clearInterval(timer);
    socket.destroy();
  }, lookMs);
  timer.unref();
  return {
    get isExceeded() {
      return isExceeded;
    },
    allow: (bytes) => {
      until = Math.min(bytesMax, socket.bytesRead + bytes);
    },
    end: () => clearInterval(timer),
  };
}
