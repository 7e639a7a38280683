import type { Attachment } from 'gb-protocol';
import type { FileValue } from '../ports/index.ts';

/** A message's file as programs see it. */
export function toFileValue({ id, ...file }: Attachment): FileValue {
  return { file: id, ...file };
}
