import type { Attachment } from 'gb-protocol';
import { ApiError, type HttpOptions, refusalOf } from './http.ts';

export interface UploadSource {
  readonly name: string;
  /** Media type, where the system knows one; the server looks for itself. */
  readonly type: string;
  readonly body: Blob | Uint8Array<ArrayBuffer>;
}

export interface UploadOptions {
  readonly signal?: AbortSignal;
  /** 0 to 1, of the bytes that left; in browsers only. */
  readonly onProgress?: (part: number) => void;
}

export type Upload = (source: UploadSource, options?: UploadOptions) => Promise<Attachment>;

/** Without a byte for this long the upload is given up: large files take their time, silence does not. */
const silentMsMax = 60_000;
const path = 'files';

/**
 * Sends one file. Every failure is an `ApiError`. It is never repeated by itself: whether to send megabytes again is for
 * the person to say.
 */
export function createUpload(config: HttpOptions): Upload {
  return async (source, options = {}) => {
    const url = `${config.baseUrl}/api/${path}`;
    const headers: Record<string, string> = {
      accept: 'application/json',
      'x-file-name': encodeURIComponent(source.name.toWellFormed()),
    };
    headers['content-type'] = source.type === '' ? 'application/octet-stream' : source.type;
    const token = config.token();
    if (token) headers['authorization'] = `Bearer ${token}`;
    const send = typeof XMLHttpRequest === 'undefined' ? sendByFetch(config) : sendWithProgress;
    const { status, text, retryAfter } = await send(url, headers, source.body, options);
    if (status < 200 || status > 299) throw refusalOf('POST', path, { status, retryAfter }, text);
    try {
      return (JSON.parse(text) as { attachment: Attachment }).attachment;
    } catch (cause) {
      throw new ApiError('network', 'The answer to an upload is not JSON', { retryable: true, cause });
    }
  };
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly retryAfter: string | null;
}
type Send = (url: string, headers: Record<string, string>, body: UploadSource['body'], options: UploadOptions) => Promise<Answer>;

const givenUp = () => new ApiError('closed', 'The upload was given up');
const noAnswer = (cause?: unknown) =>
  new ApiError('network', 'The upload broke off', { retryable: true, ...(cause === undefined ? {} : { cause }) });

function sendByFetch(config: HttpOptions): Send {
  return async (url, headers, body, { signal }) => {
    try {
      const response = await config.fetch(url, {
        method: 'POST',
        headers,
        credentials: 'same-origin',
        body,
        ...(signal ? { signal } : {}),
      });
      return { status: response.status, text: await response.text(), retryAfter: response.headers.get('retry-after') };
    } catch (cause) {
      throw signal?.aborted ? givenUp() : noAnswer(cause);
    }
  };
}

/** `fetch` does not tell how far an upload is; this does. */
const sendWithProgress: Send = (url, headers, body, { signal, onProgress }) =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(givenUp());
    const request = new XMLHttpRequest();
    request.open('POST', url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    const abort = (): void => request.abort();
    let silence = setTimeout(abort, silentMsMax);
    const heard = (): void => {
      clearTimeout(silence);
      silence = setTimeout(abort, silentMsMax);
    };
    signal?.addEventListener('abort', abort, { once: true });
    request.upload.onprogress = (event) => {
      heard();
      if (event.lengthComputable && event.total > 0) onProgress?.(event.loaded / event.total);
    };
    request.onprogress = heard;
    request.onload = () =>
      resolve({ status: request.status, text: request.responseText, retryAfter: request.getResponseHeader('retry-after') });
    request.onerror = () => reject(noAnswer());
    request.onabort = () => reject(signal?.aborted ? givenUp() : noAnswer());
    request.onloadend = () => {
      clearTimeout(silence);
      signal?.removeEventListener('abort', abort);
    };
    request.send(body);
  });
