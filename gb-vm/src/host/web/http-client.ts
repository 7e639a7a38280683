import { getCACertificates } from 'node:tls';
import { backoffMs } from 'gb-utils';
import { AllowList } from './addresses.ts';
import { type Exchange, exchange } from './exchange.ts';
import { Gate } from './gate.ts';
import { HttpFailed, shownAddress } from './http-failed.ts';
import { type Lookup, resolveAllowed } from './resolve.ts';

/**
 * HTTP for programs of tenants. It reaches the public internet and what the operator allowed, nothing else: names are
 * resolved here, the addresses checked, and the connection made to exactly what was checked, again at each redirect.
 * Everything is bounded: time, bytes (unpacked), headers, redirects, requests at once per customer and in all.
 */
export interface HttpClient {
  /**
   * The whole answer, of any status. Methods that may be repeated are, when the other side cannot be reached or says
   * that it is busy; others only when no connection was made. Throws `HttpFailed`, or the signal's reason.
   */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** The answer as it arrives, of any status. Holds one of the customer's slots until its body ends or it is closed. */
  open(request: HttpRequest): Promise<HttpStream>;
  /** Ends what is under way with an error. */
  close(): void;
}

export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface HttpRequest {
  readonly method: HttpMethod;
  /** A user and password in it become basic authentication. */
  readonly address: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Whose share of connections it takes. */
  readonly customer: string;
  readonly signal?: AbortSignal;
  /** Of the answer's body. */
  readonly bytesMax?: number;
  /** From the first byte sent to the last received, redirects included, for one attempt. */
  readonly wholeMsMax?: number;
  readonly retriesMax?: number;
  /** 0: a redirect is the answer. */
  readonly redirectsMax?: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Where the answer came from, after redirects; without credentials. */
  readonly address: URL;
  readonly bytes: Uint8Array;
}

export interface HttpStream extends Omit<HttpAnswer, 'bytes'> {
  readonly body: AsyncIterable<Uint8Array>;
  close(): void;
}

export interface HttpClientOptions {
  /** Hosts, addresses and networks that may be reached though they are not of the public internet. */
  readonly allow?: readonly string[];
  readonly connectMsMax?: number;
  readonly wholeMsMax?: number;
  readonly bytesMax?: number;
  readonly retriesMax?: number;
  readonly retryBaseMs?: number;
  readonly customerRequestsMax?: number;
  readonly requestsMax?: number;
  readonly customerWaitingMax?: number;
  readonly waitingMax?: number;
  readonly userAgent?: string;
  /** Certificates to trust beside the known ones, as PEM. */
  readonly ca?: string;
  readonly lookup?: Lookup;
  readonly random?: () => number;
}

export const httpLimits = {
  connectMsMax: 5_000,
  wholeMsMax: 30_000,
  answerBytesMax: 5 * 1_048_576,
  requestBytesMax: 25 * 1_048_576,
  redirectsMax: 5,
  retriesMax: 3,
  retryDelayMsMax: 10_000,
  customerRequestsMax: 8,
  requestsMax: 32,
  customerWaitingMax: 64,
  waitingMax: 512,
} as const;

export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  const allow = new AllowList(options.allow ?? []);
  const lookup = options.lookup ?? null;
  const gate = new Gate({
    customerSlotsMax: options.customerRequestsMax ?? httpLimits.customerRequestsMax,
    slotsMax: options.requestsMax ?? httpLimits.requestsMax,
    slotsForNewcomers: Math.floor((options.requestsMax ?? httpLimits.requestsMax) / 4),
    customerWaitingMax: options.customerWaitingMax ?? httpLimits.customerWaitingMax,
    waitingMax: options.waitingMax ?? httpLimits.waitingMax,
  });
  const closing = new AbortController();
  const ca = options.ca === undefined ? undefined : [...getCACertificates('default'), options.ca];
  const defaultHeaders = { accept: '*/*', 'user-agent': options.userAgent ?? 'GeneralBots/6' };

  /** One attempt with its redirects. */
  const follow = async (request: HttpRequest, signal: AbortSignal, bytesMax: number): Promise<[Exchange, URL]> => {
    const { address, authorization } = readAddress(request.address);
    let step: Step = {
      method: request.method,
      address,
      headers: outgoingHeaders({ ...defaultHeaders, ...authorization }, request.headers ?? {}),
      body: bodyBytes(request),
    };
    for (let redirects = 0; ; redirects++) {
      const answer = await exchange({
        ...step,
        addresses: await withSignal(() => resolveAllowed(step.address, { allow, lookup }), signal),
        connectMsMax: options.connectMsMax ?? httpLimits.connectMsMax,
        bytesMax,
        ca,
        signal,
      });
      const next = request.redirectsMax === 0 ? null : redirected(step, answer);
      if (!next) return [answer, step.address];
      answer.close();
      if (redirects >= (request.redirectsMax ?? httpLimits.redirectsMax)) throw tooManyRedirects(address);
      step = next;
    }
  };

  /** One attempt within its time, holding its slots until the body ends, is closed, or the time is over. */
  const attempt = async (request: HttpRequest): Promise<HttpStream> => {
    const outer = AbortSignal.any([closing.signal, ...(request.signal ? [request.signal] : [])]);
    const bytesMax = request.bytesMax ?? options.bytesMax ?? httpLimits.answerBytesMax;
    const leave = await gate.enter(request.customer, Math.ceil(bytesMax / httpLimits.answerBytesMax), outer);
    const deadline = AbortSignal.timeout(request.wholeMsMax ?? options.wholeMsMax ?? httpLimits.wholeMsMax);
    const explained = (error: unknown): unknown =>
      deadline.aborted && !outer.aborted && !(error instanceof HttpFailed) ? tookTooLong(request) : error;
    try {
      const [answer, address] = await follow(request, AbortSignal.any([outer, deadline]), bytesMax);
      const close = (): void => {
        leave();
        answer.close();
      };
      deadline.addEventListener('abort', close, { once: true });
      return { status: answer.status, headers: answer.headers, address, body: ended(answer.body, close, explained), close };
    } catch (error) {
      leave();
      throw explained(error);
    }
  };

  const repeated = async <T>(request: HttpRequest, work: () => Promise<T & { status: number; headers: Headers }>): Promise<T> => {
    const isRepeatable = request.method !== 'POST' && request.method !== 'PATCH';
    const retriesMax = request.retriesMax ?? options.retriesMax ?? httpLimits.retriesMax;
    const signal = AbortSignal.any([closing.signal, ...(request.signal ? [request.signal] : [])]);
    for (let retry = 0; ; retry++) {
      const backoff = backoffMs(retry, {
        baseMs: options.retryBaseMs ?? 300,
        maxMs: httpLimits.retryDelayMsMax,
        ...(options.random ? { random: options.random } : {}),
      });
      let waitMs: number | null;
      try {
        const answer = await work();
        waitMs = isRepeatable && retry < retriesMax ? retryDelayMs(answer, backoff) : null;
        if (waitMs === null) return answer;
        if ('close' in answer && typeof answer.close === 'function') answer.close();
      } catch (error) {
        const mayRepeat =
          error instanceof HttpFailed &&
          (error.failure === 'not_connected' || (isRepeatable && error.failure === 'broken')) &&
          retry < retriesMax;
        if (!mayRepeat) throw error;
        waitMs = backoff;
      }
      await pause(waitMs, signal);
    }
  };

  return {
    open: (request) => repeated(request, () => attempt(request)),
    send: (request) =>
      repeated(request, async () => {
        const stream = await attempt(request);
        const chunks: Uint8Array[] = [];
        for await (const chunk of stream.body) chunks.push(chunk);
        return { status: stream.status, headers: stream.headers, address: stream.address, bytes: Buffer.concat(chunks) };
      }),
    close: () => closing.abort(new HttpFailed('broken', { en: 'the server is stopping', pt: 'o servidor está parando' })),
  };
}

interface Step {
  readonly method: HttpMethod;
  readonly address: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
}

/** What follows a redirect to another origin: nothing that could be a secret. */
const headersForAnyone = new Set(['accept', 'accept-encoding', 'accept-language', 'content-type', 'user-agent']);

function redirected(step: Step, { status, headers }: Exchange): Step | null {
  const location = headers.get('location');
  if (![301, 302, 303, 307, 308].includes(status) || location === null) return null;
  const target = URL.canParse(location, step.address) ? new URL(location, step.address) : null;
  if (!target) throw noAddress(location);
  const { address } = readAddress(target);
  const becomesGet = (status === 303 && step.method !== 'HEAD') || (status < 303 && step.method === 'POST');
  const isSameOrigin = address.origin === step.address.origin;
  const body = becomesGet ? null : step.body;
  if (body && step.address.protocol === 'https:' && address.protocol === 'http:') throw unsafeRedirect(address);
  const kept = Object.entries(step.headers).filter(
    ([name]) => (isSameOrigin || headersForAnyone.has(name)) && (body || name !== 'content-type'),
  );
  return { method: becomesGet ? 'GET' : step.method, address, headers: Object.fromEntries(kept), body };
}

/** Reads an address and takes its user and password out. */
function readAddress(text: string | URL): { readonly address: URL; readonly authorization: Record<string, string> } {
  if (!URL.canParse(String(text))) throw noAddress(String(text));
  const address = new URL(text);
  if (address.protocol !== 'http:' && address.protocol !== 'https:') throw noAddress(String(text));
  const { username, password } = address;
  address.username = '';
  address.password = '';
  address.hash = '';
  if (!username && !password) return { address, authorization: {} };
  const credentials = `${decoded(username)}:${decoded(password)}`;
  return { address, authorization: { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` } };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // A percent sign of its own.
  }
}

/** Headers that say how the message itself travels; they are ours to set. */
const ownHeaders =
  /^(?:host|connection|content-length|transfer-encoding|upgrade|te|trailer|expect|keep-alive|accept-encoding|proxy-.*)$/;

/** Whether a header may be set by a program. */
export const maySetHeader = (name: string): boolean =>
  /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/.test(name) && !ownHeaders.test(name.toLowerCase());

function outgoingHeaders(defaults: Record<string, string>, given: Readonly<Record<string, string>>): Record<string, string> {
  const headers: Record<string, string> = { ...defaults };
  for (const [name, value] of Object.entries(given)) if (maySetHeader(name)) headers[name.toLowerCase()] = value;
  headers['accept-encoding'] = 'gzip, br';
  return headers;
}

function bodyBytes({ body, address }: HttpRequest): Uint8Array | null {
  if (body === undefined) return null;
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  if (bytes.byteLength <= httpLimits.requestBytesMax) return bytes;
  const size = `${httpLimits.requestBytesMax / 1_048_576} MB`;
  const host = new URL(address).host;
  throw new HttpFailed('too_large', {
    en: `what is sent to ${host} is larger than ${size}`,
    pt: `o que se envia a ${host} passa de ${size}`,
  });
}

/** A body that closes its connection when it ends, fails or is not wanted any more, even before its first piece. */
function ended(
  body: AsyncIterable<Uint8Array>,
  close: () => void,
  explained: (error: unknown) => unknown,
): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const pieces = body[Symbol.asyncIterator]();
      return {
        async next() {
          try {
            const piece = await pieces.next();
            if (piece.done) close();
            return piece;
          } catch (error) {
            close();
            throw explained(error);
          }
        },
        async return() {
          close();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

/** How long to wait before asking again; null when the answer stands. */
function retryDelayMs({ status, headers }: { status: number; headers: Headers }, backoff: number): number | null {
  if (![429, 502, 503, 504].includes(status)) return null;
  const asked = headers.get('retry-after')?.trim();
  if (!asked) return backoff;
  const askedMs = /^\d+$/.test(asked) ? Number(asked) * 1_000 : Date.parse(asked) - Date.now();
  if (Number.isNaN(askedMs)) return backoff;
  // Asked to come back much later: the program should know now.
  return askedMs > httpLimits.retryDelayMsMax ? null : Math.max(askedMs, backoff);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return withSignal(
    () =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms);
        signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
      }),
    signal,
  );
}

function withSignal<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  return Promise.race([work(), promise]).finally(() => signal.removeEventListener('abort', onAbort));
}

function noAddress(text: string): HttpFailed {
  // Of a text that is no address nobody knows what in it is secret.
  const start = /^[\w.+-]{0,20}(?::?\/{1,2})?[\w.-]{0,40}/.exec(text)?.[0] ?? '';
  return new HttpFailed('refused', {
    en: `"${start}" is no address of the web: it begins with https:// or http://`,
    pt: `"${start}" não é um endereço da web: ele começa com https:// ou http://`,
  });
}

function tooManyRedirects(address: URL): HttpFailed {
  return new HttpFailed('broken', {
    en: `${shownAddress(address)} sends from one address to the next more than ${httpLimits.redirectsMax} times`,
    pt: `${shownAddress(address)} redireciona mais de ${httpLimits.redirectsMax} vezes`,
  });
}

function unsafeRedirect(address: URL): HttpFailed {
  return new HttpFailed('refused', {
    en: `the answer sends what was meant for a safe connection to ${shownAddress(address)}, which is not safe`,
    pt: `a resposta manda o que era para uma conexão segura a ${shownAddress(address)}, que não é segura`,
  });
}

function tookTooLong(request: HttpRequest): HttpFailed {
  const host = shownAddress(readAddress(request.address).address);
  return new HttpFailed('timeout', { en: `${host} took too long to answer`, pt: `${host} demorou demais para responder` });
}
