import { type HttpClient, type HttpMethod, httpLimits } from './http-client.ts';

/** What the engines here need of `fetch`; the real one also fits. */
export type FetchLike = (
  address: string | URL,
  init?: {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string | Uint8Array;
    readonly signal?: AbortSignal;
  },
) => Promise<Response>;

export interface GuardedFetchOptions {
  /** Whose share of connections is taken. */
  readonly customer: string;
  readonly bytesMax?: number;
  readonly wholeMsMax?: number;
  readonly retriesMax?: number;
}

/**
 * The guarded client in the shape of `fetch`, answers arriving as a stream. Throws `HttpFailed` instead of TypeError,
 * and retries nothing unless `retriesMax` says so. A body that is not wanted must be cancelled: it holds a connection.
 */
export function guardedFetch(client: HttpClient, options: GuardedFetchOptions): FetchLike {
  return async (address, init = {}) => {
    const answer = await client.open({
      method: (init.method ?? 'GET').toUpperCase() as HttpMethod,
      address,
      headers: init.headers ?? {},
      ...(init.body === undefined ? {} : { body: init.body }),
      ...(init.signal ? { signal: init.signal } : {}),
      customer: options.customer,
      bytesMax: options.bytesMax ?? httpLimits.answerBytesMax,
      wholeMsMax: options.wholeMsMax ?? httpLimits.wholeMsMax,
      retriesMax: options.retriesMax ?? 0,
    });
    const headers = new Headers(answer.headers);
    // The body is unpacked already.
    for (const name of ['content-encoding', 'content-length']) headers.delete(name);
    const hasBody = ![101, 204, 205, 304].includes(answer.status);
    if (!hasBody) answer.close();
    return new Response(hasBody ? streamOf(answer.body) : null, { status: answer.status, headers });
  };
}

/** Reads as fast as it is read from. Cancelling it closes the connection. */
export function streamOf(body: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const pieces = body[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(new Uint8Array(value));
      },
      async cancel() {
        await pieces.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
