import { setTimeout as pause } from 'node:timers/promises';
import { backoffMs } from 'gb-utils';
import { HttpFailed } from '../web/http-failed.ts';
import { ModelFailed } from './model-failed.ts';

/** As much of `fetch` as is used, so that the guarded client (`web/http-fetch.ts`) can stand in its place. */
export type FetchLike = (url: string, init: FetchInit) => Promise<Response>;

export interface FetchInit {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly signal: AbortSignal;
  readonly redirect: 'error';
}

export interface ModelTimes {
  /** Until the first piece of an answer, for each try. */
  readonly firstMsMax: number;
  /** Between two pieces. */
  readonly silenceMsMax: number;
  /** All of it, with every try and every wait. */
  readonly wholeMsMax: number;
  readonly triesMax: number;
  /** A server that asks for a longer wait is taken for one that is away. */
  readonly retryAfterMsMax: number;
  readonly retryBaseMs: number;
}

export const modelTimes: ModelTimes = {
  firstMsMax: 60_000,
  silenceMsMax: 30_000,
  wholeMsMax: 180_000,
  triesMax: 3,
  retryAfterMsMax: 20_000,
  retryBaseMs: 500,
};

export interface Exchange<T> {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly signal: AbortSignal;
  readonly times: ModelTimes;
  /** Takes what a key may have left in a message out of it. */
  readonly redact: (text: string) => string;
  /** Reads an answer with status 200. `alive` says that a piece of it came. */
  read(response: Response, alive: () => void): Promise<T>;
}

const errorBytesMax = 16_384;

/**
 * One question and its answer. It is asked again after a failure that may pass - the connection, 408, 409, 429, 5xx -
 * but never once a piece of the answer came: that piece was shown already, and paid.
 */
export async function exchange<T>(fetchLike: FetchLike, ask: Exchange<T>): Promise<T> {
  const whole = new AbortController();
  const wholeTimer = setTimeout(() => whole.abort(timedOut(ask.times.wholeMsMax)), ask.times.wholeMsMax);
  const signal = AbortSignal.any([ask.signal, whole.signal]);
  try {
    for (let tries = 1; ; tries++) {
      let hasBegun = false;
      try {
        return await oneTry(fetchLike, ask, signal, () => {
          hasBegun = true;
        });
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof ModelFailed) || hasBegun || !mayPass(error) || tries >= ask.times.triesMax) throw error;
        const waitMs = error.retryAfterMs ?? backoffMs(tries, { baseMs: ask.times.retryBaseMs, maxMs: 10_000 });
        if (waitMs > ask.times.retryAfterMsMax) throw error;
        await pause(waitMs, undefined, { signal }).catch(() => signal.throwIfAborted());
      }
    }
  } finally {
    clearTimeout(wholeTimer);
  }
}

async function oneTry<T>(fetchLike: FetchLike, ask: Exchange<T>, outer: AbortSignal, onBegun: () => void): Promise<T> {
  const { times } = ask;
  const silence = new AbortController();
  const within = (ms: number) => setTimeout(() => silence.abort(timedOut(ms)), ms);
  let timer = within(times.firstMsMax);
  const alive = (): void => {
    onBegun();
    clearTimeout(timer);
    timer = within(times.silenceMsMax);
  };
  const signal = AbortSignal.any([outer, silence.signal]);
  try {
    const { url, method, headers, body } = ask;
    const response = await fetchLike(url, {
      method,
      headers,
      signal,
      redirect: 'error',
      ...(body === undefined ? {} : { body }),
    });
    if (!response.ok) throw await failureOf(response, ask.redact);
    return await ask.read(response, alive);
  } catch (error) {
    if (silence.signal.aborted) throw silence.signal.reason;
    outer.throwIfAborted();
    if (error instanceof ModelFailed) throw error;
    // The guard's word is for the bot's author as it is.
    if (error instanceof HttpFailed && error.failure === 'refused') throw error;
    if (error instanceof RangeError) throw new ModelFailed('broken', error.message, { cause: error });
    throw new ModelFailed('unreachable', 'the connection failed', { cause: error });
  } finally {
    clearTimeout(timer);
    // Whatever is still to come of the answer is not wanted.
    silence.abort();
  }
}

async function failureOf(response: Response, redact: (text: string) => string): Promise<ModelFailed> {
  const { status } = response;
  const { message, code } = readError(await textOf(response, errorBytesMax).catch(() => ''));
  const said = redact(message || `status ${status}`);
  const isWithoutCredit = status === 402 || code === 'insufficient_quota';
  const kind =
    status === 401 || status === 403 || isWithoutCredit
      ? 'not_allowed'
      : status === 408 || status === 409 || status === 429 || status >= 500
        ? 'overloaded'
        : 'refused';
  return new ModelFailed(kind, said, { status, retryAfterMs: retryAfterMs(response.headers) });
}

function readError(text: string): { message: string; code: string } {
  try {
    const { error } = JSON.parse(text) as { error?: unknown };
    if (typeof error === 'string') return { message: error, code: '' };
    const { message, code } = (error ?? {}) as { message?: unknown; code?: unknown };
    return { message: typeof message === 'string' ? message : '', code: typeof code === 'string' ? code : '' };
  } catch {
    return { message: '', code: '' }; // A page of some proxy says nothing to a bot's author.
  }
}

function retryAfterMs(headers: Headers): number | null {
  const ms = Number(headers.get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(ms) && ms >= 0) return ms;
  const text = headers.get('retry-after');
  if (text === null) return null;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
}

const mayPass = (error: ModelFailed): boolean =>
  error.kind === 'unreachable' || error.kind === 'overloaded' || error.kind === 'timed_out' || error.kind === 'broken';

const timedOut = (ms: number): ModelFailed => new ModelFailed('timed_out', `nothing came within ${ms / 1000} s`);

/** The body, as long as it is not too long. */
export async function bytesOf(response: Response, bytesMax: number, alive: () => void = () => {}): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body ?? []) {
    alive();
    size += part.length;
    if (size > bytesMax) throw new RangeError('the answer is too large');
    parts.push(part);
  }
  return Buffer.concat(parts);
}

export async function textOf(response: Response, bytesMax: number, alive?: () => void): Promise<string> {
  return new TextDecoder().decode(await bytesOf(response, bytesMax, alive));
}
