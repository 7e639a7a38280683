import { isUtf8 } from 'node:buffer';
import { fail } from 'gb-core';
import { type ClientFrame, limits } from 'gb-protocol';
import { clientFrameSchemas } from 'gb-protocol/schemas';
import { Compile } from 'typebox/compile';

const validators = new Map(Object.entries(clientFrameSchemas).map(([type, schema]) => [type, Compile(schema)]));

/** A client's bytes as a frame, or a failure that says what is wrong with them and, where readable, which request it was. */
export function readFrame(data: Buffer, isBinary: boolean): ClientFrame {
  if (isBinary) throw fail('malformed', 'Frames are JSON text.');
  if (data.length > limits.frameBytesMax) throw fail('too_large', `A frame holds at most ${limits.frameBytesMax} bytes.`);
  if (!isUtf8(data)) throw fail('malformed', 'The frame is not valid UTF-8.');
  let value: unknown;
  try {
    value = JSON.parse(data.toString());
  } catch (cause) {
    throw fail('malformed', 'The frame is not valid JSON.', { cause });
  }
  if (typeof value !== 'object' || value === null || !('type' in value) || typeof value.type !== 'string') {
    throw fail('malformed', 'A frame is an object with a type.');
  }
  const validator = validators.get(value.type);
  if (!validator)
    throw new FrameError(
      fail('unknown_frame', `This server knows no frame called ${value.type.slice(0, 40)}.`),
      requestId(value),
    );
  const frame: object = value;
  if (!validator.Check(frame)) {
    const [first] = validator.Errors(frame);
    const where = first ? ` ${first.instancePath || '/'} ${first.message}` : '';
    throw new FrameError(fail('malformed', `The ${String(value.type)} frame is not valid:${where}.`), requestId(frame));
  }
  return frame as ClientFrame;
}

/** A failure of a request whose number could be read. */
export class FrameError extends Error {
  readonly id: number | undefined;
  constructor(cause: Error, id: number | undefined) {
    super(cause.message, { cause });
    this.id = id;
  }
}

function requestId(value: object): number | undefined {
  return 'id' in value && Number.isSafeInteger(value.id) ? (value.id as number) : undefined;
}
