import { type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { isIPv6, type LookupFunction } from 'node:net';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { HttpFailed, shownAddress } from './http-failed.ts';

/** One request on a connection of its own, and the answer as it arrives. */
export interface ExchangeInput {
  readonly address: URL;
  /** Connected to instead of what the host's name may lead to by now. */
  readonly addresses: readonly string[];
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
  readonly connectMsMax: number;
  readonly bytesMax: number;
  /** Certificates to trust instead of the known ones, as PEM. */
  readonly ca: readonly string[] | undefined;
  readonly signal: AbortSignal;
}

export interface Exchange {
  readonly status: number;
  readonly headers: Headers;
  /** Unpacked, and never more than `bytesMax`. Whoever does not read it to its end closes it. */
  readonly body: AsyncIterable<Uint8Array>;
  close(): void;
}

const headerBytesMax = 32_768;
const headersMax = 200;
/** What an answer may be larger packed than unpacked: an endless stream of empty pieces is no answer. */
const packedExtraBytesMax = 65_536;

/**
 * No connection is used twice: one that was kept may be closed by the other side in the instant it is used again, and
 * then nobody knows whether the request was done.
 */
export function exchange(input: ExchangeInput): Promise<Exchange> {
  const { address, addresses, signal } = input;
  return new Promise((resolve, reject) => {
    let isConnected = false;
    const isTls = address.protocol === 'https:';
    const request: ClientRequest = (isTls ? tlsRequest : plainRequest)(address, {
      agent: false,
      method: input.method,
      headers: input.body ? { ...input.headers, 'content-length': String(input.body.byteLength) } : input.headers,
      lookup: pinned(addresses),
      maxHeaderSize: headerBytesMax,
      signal,
      auth: undefined,
      ...(isTls ? { ...(input.ca ? { ca: [...input.ca] } : {}), minVersion: 'TLSv1.2' } : {}),
    });
    request.maxHeadersCount = headersMax;
    const connecting = setTimeout(() => request.destroy(new ConnectTimeout()), input.connectMsMax);
    request.on('socket', (socket) => {
      socket.once(isTls ? 'secureConnect' : 'connect', () => {
        isConnected = true;
        clearTimeout(connecting);
      });
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(connecting);
      reject(signal.aborted ? signal.reason : failed(error, address, isConnected));
    });
    request.on('close', () => clearTimeout(connecting));
    request.on('response', (response) => {
      try {
        resolve({
          status: response.statusCode ?? 0,
          headers: headersOf(response),
          body: bodyOf(response, input),
          close: () => request.destroy(),
        });
      } catch (error) {
        request.destroy();
        reject(error);
      }
    });
    request.end(input.body ?? undefined);
  });
}

class ConnectTimeout extends Error {
  readonly code = 'ETIMEDOUT';
}

/** Answers the connection's question for the name with what was checked, in whichever form it asks. */
function pinned(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  return (_host, options, done) => {
    if (options.all) return done(null, found);
    const first = found.find(({ family }) => !options.family || family === options.family) ?? found[0];
    if (first) done(null, first.address, first.family);
    else done(new Error('no address'), '', 0);
  };
}

function headersOf(response: IncomingMessage): Headers {
  const headers = new Headers();
  for (let at = 0; at + 1 < response.rawHeaders.length; at += 2) {
    try {
      headers.append(response.rawHeaders[at]!, response.rawHeaders[at + 1]!);
    } catch {
      // A header that cannot be is as good as none: servers that send one still answer.
    }
  }
  return headers;
}

async function* bodyOf(response: IncomingMessage, input: ExchangeInput): AsyncGenerator<Uint8Array> {
  const { address, bytesMax, signal } = input;
  const encoding = response.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  const unpack = unpackers[encoding];
  let bytes = 0;
  try {
    if (unpack === undefined) throw unreadable(address, encoding);
    const source = unpack === null ? response : unpacked(response, unpack(), bytesMax + packedExtraBytesMax, address);
    for await (const chunk of source as AsyncIterable<Uint8Array>) {
      bytes += chunk.byteLength;
      if (bytes > bytesMax) throw tooLarge(address, bytesMax);
      yield chunk;
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw error instanceof HttpFailed ? error : failed(error as NodeJS.ErrnoException, address, true);
  } finally {
    response.destroy();
  }
}

type Unpacker = ReturnType<typeof createGunzip> | ReturnType<typeof createBrotliDecompress>;

/** null: as it is. */
const unpackers: Readonly<Record<string, (() => Unpacker) | null>> = {
  identity: null,
  '': null,
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

function unpacked(packed: IncomingMessage, unpacker: Unpacker, packedBytesMax: number, address: URL): Unpacker {
  let bytes = 0;
  packed.on('data', (chunk: Uint8Array) => {
    bytes += chunk.byteLength;
    if (bytes > packedBytesMax) unpacker.destroy(tooLarge(address, packedBytesMax));
  });
  packed.on('error', (error) => unpacker.destroy(error));
  unpacker.on('close', () => packed.destroy());
  return packed.pipe(unpacker);
}

function failed(error: NodeJS.ErrnoException, address: URL, isConnected: boolean): Error {
  if (error instanceof HttpFailed) return error;
  const host = shownAddress(address);
  const code = error.code ?? '';
  if (code === 'ERR_INVALID_CHAR' || code === 'ERR_INVALID_HTTP_TOKEN' || code === 'ERR_UNESCAPED_CHARACTERS')
    return new HttpFailed('refused', {
      en: `the request to ${host} has a header that cannot be sent`,
      pt: `a requisição a ${host} tem um cabeçalho que não pode ser enviado`,
    });
  if (code === 'HPE_HEADER_OVERFLOW') return tooLarge(address, headerBytesMax);
  if (!isConnected)
    return new HttpFailed('not_connected', {
      en: `${host} cannot be reached${code ? ` (${code})` : ''}`,
      pt: `não foi possível conectar a ${host}${code ? ` (${code})` : ''}`,
    });
  return new HttpFailed('broken', {
    en: `${host} ended the connection before its answer was complete${code ? ` (${code})` : ''}`,
    pt: `${host} encerrou a conexão antes de terminar a resposta${code ? ` (${code})` : ''}`,
  });
}

function tooLarge(address: URL, bytesMax: number): HttpFailed {
  const size = bytesMax >= 1_048_576 ? `${Math.floor(bytesMax / 1_048_576)} MB` : `${Math.floor(bytesMax / 1024)} KB`;
  return new HttpFailed('too_large', {
    en: `the answer of ${shownAddress(address)} is larger than ${size}`,
    pt: `a resposta de ${shownAddress(address)} passa de ${size}`,
  });
}

function unreadable(address: URL, encoding: string): HttpFailed {
  return new HttpFailed('broken', {
    en: `the answer of ${shownAddress(address)} is packed in a way that is not known here: ${encoding.slice(0, 40)}`,
    pt: `a resposta de ${shownAddress(address)} está compactada de um modo desconhecido aqui: ${encoding.slice(0, 40)}`,
  });
}
