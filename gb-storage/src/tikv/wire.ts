import { join } from 'node:path';
import { Client, type ClientOptions, credentials, type ServiceDefinition, type ServiceError, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { assert } from 'gb-utils';
import type { PdCalls, TikvCalls } from './messages.ts';

/*
 * gRPC as TiKV and its placement driver speak it. The .proto files beside this one are our own and hold what we use; on the
 * wire there are numbers only, so a server built from the full ones cannot tell the difference.
 */

const packages = loadSync(['pdpb.proto', 'tikvpb.proto'], {
  includeDirs: [join(import.meta.dirname, 'proto')],
  keepCase: true,
  // Ids have 64 bits: as text they stay exact.
  longs: String,
  enums: String,
  defaults: true,
});

function service(name: string): ServiceDefinition {
  const found = packages[name];
  assert(found && !('format' in found), 'the service is in the proto files');
  return found as ServiceDefinition;
}

export const pdService: ServiceDefinition = service('pdpb.PD');
export const tikvService: ServiceDefinition = service('tikvpb.Tikv');

/** Bytes of an answer. A store sends 10 MiB at most when nobody told it otherwise. */
const messageBytesMax = 16 * 1_048_576;

const clientOptions: ClientOptions = {
  'grpc.max_receive_message_length': messageBytesMax,
  'grpc.max_send_message_length': messageBytesMax,
  // What may be repeated is decided in one place, and it is not there.
  'grpc.enable_retries': 0,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
  // A connection that swallows everything is noticed while requests are on it.
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 3_000,
};

/** PEM texts. Without `ca` the roots of the system are trusted. */
export interface TlsOptions {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/** A call that was not answered. */
export class CallFailed extends Error {
  /** It cannot have reached the server; otherwise it may have been done all the same. */
  readonly isUnsent: boolean;
  /** The answer, or the question, is larger than one message may be. */
  readonly isTooLarge: boolean;
  readonly isTimeout: boolean;

  constructor(address: string, cause: ServiceError) {
    super(`${address} did not answer: ${cause.details || cause.message}`, { cause });
    this.name = 'CallFailed';
    this.isUnsent = cause.code === status.UNAVAILABLE && cause.details.startsWith('No connection established');
    this.isTooLarge = cause.code === status.RESOURCE_EXHAUSTED;
    this.isTimeout = cause.code === status.DEADLINE_EXCEEDED;
  }
}

/** The calls of one service at one address. */
export class Connection<Calls extends { [name in keyof Calls]: readonly [question: object, answer: object] }> {
  readonly address: string;
  readonly #client: Client;
  readonly #service: ServiceDefinition;

  constructor(address: string, definition: ServiceDefinition, tls: TlsOptions | null) {
    this.address = address;
    this.#service = definition;
    this.#client = new Client(
      address,
      tls ? credentials.createSsl(tls.ca ?? null, tls.key ?? null, tls.cert ?? null) : credentials.createInsecure(),
      clientOptions,
    );
  }

  call<Name extends keyof Calls & string>(name: Name, question: Calls[Name][0], timeoutMs: number): Promise<Calls[Name][1]> {
    const method = this.#service[name];
    assert(method, 'the service has this method');
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize as (bytes: Buffer) => Calls[Name][1],
        question,
        { deadline: Date.now() + timeoutMs },
        (error, answer) => {
          if (error) reject(new CallFailed(this.address, error));
          else if (answer === undefined) reject(new Error('An answer without error has a message'));
          else resolve(answer);
        },
      );
    });
  }

  close(): void {
    this.#client.close();
  }
}

export const connectPd = (address: string, tls: TlsOptions | null): Connection<PdCalls> =>
  new Connection(address, pdService, tls);
export const connectTikv = (address: string, tls: TlsOptions | null): Connection<TikvCalls> =>
  new Connection(address, tikvService, tls);
