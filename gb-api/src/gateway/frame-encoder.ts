import type { ServerFrame } from 'gb-protocol';

/**
 * A server-to-client WebSocket text frame (RFC 6455, section 5.2): unmasked, unfragmented, so its bytes are the same for
 * every client. A message is encoded once and these bytes are written to every socket.
 */
export function encodeFrame(frame: ServerFrame): Buffer {
  return encodeText(JSON.stringify(frame));
}

export function encodeText(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const headerBytes = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const buffer = Buffer.allocUnsafe(headerBytes + length);
  buffer[0] = 0x81; // FIN, text
  if (headerBytes === 2) buffer[1] = length;
  else if (headerBytes === 4) {
    buffer[1] = 126;
    buffer.writeUInt16BE(length, 2);
  } else {
    buffer[1] = 127;
    buffer.writeBigUInt64BE(BigInt(length), 2);
  }
  buffer.write(text, headerBytes);
  return buffer;
}
