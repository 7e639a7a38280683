import { type ErrorBody, type ErrorCode, errorCodes, type QuotaFacts } from 'gb-protocol';
import { GbError } from 'gb-utils';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Codes the client itself adds: the request may or may not have reached the server, or the client was closed. */
export type ClientErrorCode = ErrorCode | 'network' | 'outbox_full' | 'closed';

/** A refusal by the server (`status` above 0), or the news that it could not be asked (`network`, status 0). */
export class ApiError extends GbError {
  declare readonly code: ClientErrorCode;
  readonly status: number;
  /** JSON pointer to the field at fault. */
  readonly field: string | undefined;
  readonly diagnostics: readonly unknown[];
  /** With `quota_exceeded`: what there was no room for. */
  readonly quota: QuotaFacts | undefined;

  constructor(code: ClientErrorCode, message: string, options: ApiErrorOptions = {}) {
    super(code, message, options);
    this.name = 'ApiError';
    this.status = options.status ?? 0;
    this.field = options.field;
    this.diagnostics = options.diagnostics ?? [];
    this.quota = options.quota;
  }
}

/** What is no refusal is a fault of ours. */
export function asApiError(cause: unknown): ApiError {
  return cause instanceof ApiError ? cause : new ApiError('internal', 'an unexpected failure', { cause });
}

interface ApiErrorOptions {
  readonly retryable?: boolean;
  readonly retryAfterMs?: number;
  readonly status?: number;
  readonly field?: string;
  readonly diagnostics?: readonly unknown[];
  readonly quota?: QuotaFacts;
  readonly cause?: unknown;
}

export interface HttpOptions {
  readonly baseUrl: string;
  readonly fetch: typeof fetch;
  /** Sent as a bearer token; without it the cookie speaks. */
  readonly token: () => string | undefined;
  readonly timeoutMs: number;
}

export interface RequestOptions {
  readonly signal?: AbortSignal;
  /** Lets the request outlive the page, for what is saved on leaving. */
  readonly keepalive?: boolean;
}

export type Http = <T>(method: Method, path: string, body?: unknown, options?: RequestOptions) => Promise<T>;

/** One request to the API: bytes as they are, everything else as JSON. Every failure is an `ApiError`. */
export function createHttp(config: HttpOptions): Http {
  return async <T>(method: Method, path: string, body?: unknown, options: RequestOptions = {}): Promise<T> => {
    const headers: Record<string, string> = { accept: 'application/json' };
    if (body !== undefined)
      headers['content-type'] = body instanceof Uint8Array ? 'application/octet-stream' : 'application/json';
    const token = config.token();
    if (token) headers['authorization'] = `Bearer ${token}`;
    const timeout = AbortSignal.timeout(config.timeoutMs);
    const init: RequestInit = {
      method,
      headers,
      credentials: 'same-origin',
      signal: options.signal ? AbortSignal.any([options.signal, timeout]) : timeout,
    };
    if (body !== undefined) init.body = body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body);
    if (options.keepalive) init.keepalive = true;
    let response: Response;
    let text: string;
    try {
      response = await config.fetch(`${config.baseUrl}/api/${path}`, init);
      text = await response.text();
    } catch (cause) {
      if (options.signal?.aborted) throw new ApiError('closed', `${method} ${path} was given up`, { cause });
      throw new ApiError('network', `${method} ${path}: no answer from the server`, { retryable: true, cause });
    }
    if (!response.ok)
      throw refusalOf(method, path, { status: response.status, retryAfter: response.headers.get('retry-after') }, text);
    if (text === '') return undefined as T;
    return parse(method, path, text) as T;
  };
}

function parse(method: Method, path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // A captive portal or a proxy's page: what was asked for has not been answered.
    throw new ApiError('network', `${method} ${path}: the answer is not JSON`, { retryable: true, cause });
  }
}

/** What the server said instead of doing it. */
export function refusalOf(
  method: Method,
  path: string,
  answer: { readonly status: number; readonly retryAfter: string | null },
  text: string,
): ApiError {
  const { status } = answer;
  const body = errorBody(text);
  const retryAfterMs = body?.retryAfterMs ?? retryAfter(answer.retryAfter);
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (body) {
    return new ApiError(body.code, body.message, {
      status,
      retryable: body.retryable,
      ...wait,
      ...(body.field === undefined ? {} : { field: body.field }),
      ...(body.diagnostics === undefined ? {} : { diagnostics: body.diagnostics }),
      ...(body.quota === undefined ? {} : { quota: body.quota }),
    });
  }
  // Not our server's words: a proxy in between.
  const code = codeOf(status);
  return new ApiError(code, `${method} ${path}: HTTP status ${status}`, {
    status,
    retryable: errorCodes[code].retryable,
    ...wait,
  });
}

function errorBody(text: string): ErrorBody | undefined {
  try {
    const body = JSON.parse(text) as Partial<ErrorBody> | null;
    if (typeof body?.code !== 'string' || typeof body.message !== 'string') return undefined;
    const known = errorCodes[body.code as ErrorCode];
    return { ...body, code: body.code, message: body.message, retryable: body.retryable ?? known?.retryable ?? false };
  } catch {
    return undefined; // not JSON: the caller falls back to the status
  }
}

function codeOf(status: number): ErrorCode {
  if (status === 401) return 'unauthenticated';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not_found';
  if (status === 413) return 'too_large';
  if (status === 429) return 'rate_limited';
  if (status === 502 || status === 503 || status === 504) return 'unavailable';
  return status >= 500 ? 'internal' : 'malformed';
}

/** RFC 9110, section 10.2.3, in seconds; the date form is not worth trusting two clocks for. */
function retryAfter(header: string | null): number | undefined {
  if (header === null || !/^\d{1,6}$/.test(header)) return undefined;
  return Number(header) * 1000;
}
