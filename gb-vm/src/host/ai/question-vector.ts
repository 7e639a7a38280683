import { createHash } from 'node:crypto';
import type { Cache, LanguageModel, OutsideCall } from 'gb-core';

const embeddedCharsMax = 2_000;
const keptMs = 7 * 86_400_000;

/**
 * The vector of a question; null where the model makes none, or its server is away, which makes answers worse and not
 * impossible: words still find most. What was asked before is not paid for again, whichever process asks: a text has one
 * vector for each model.
 */
export async function questionVector(
  question: string,
  model: LanguageModel,
  call: OutsideCall,
  cache: Cache | null,
): Promise<readonly number[] | null> {
  const text = question.slice(0, embeddedCharsMax);
  const name = `vector:${model.embeddingModel}:${createHash('sha256').update(text).digest('base64url')}`;
  const key = { customerId: call.customerId, name };
  const kept = await cache?.get(key);
  if (kept && kept.length > 0 && kept.length % Float64Array.BYTES_PER_ELEMENT === 0)
    return [...new Float64Array(kept.slice().buffer)];
  const [vector] = await model.embed([text], { signal: call.signal }).catch(() => {
    call.signal.throwIfAborted();
    return [];
  });
  if (!vector) return null;
  await cache?.set(key, new Uint8Array(Float64Array.from(vector).buffer), keptMs);
  return vector;
}
