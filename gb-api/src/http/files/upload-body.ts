import type { IncomingMessage } from 'node:http';
import { fail } from 'gb-core';

/** A sender that says nothing for this long is given up. */
const silentMsMax = 30_000;

/**
 * The bytes of a request as they come, never more than one piece at a time. Ends with an error when the sender leaves or
 * falls silent: what was received so far is not a file.
 */
export async function* uploadBody(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  const givenUp = fail('malformed', 'The upload stopped before its end.');
  const giveUp = () => request.destroy(givenUp);
  let timer = setTimeout(giveUp, silentMsMax);
  try {
    for await (const chunk of request) {
      // Not while the disk is busy: that is our time, not the sender's.
      clearTimeout(timer);
      yield chunk as Uint8Array;
      timer = setTimeout(giveUp, silentMsMax);
    }
    if (!request.complete) throw givenUp;
  } catch (error) {
    // The connection broke: nobody reads the answer, but the log must not call it a fault of ours.
    throw (error as { code?: unknown }).code === 'ECONNRESET' ? givenUp : error;
  } finally {
    clearTimeout(timer);
  }
}
