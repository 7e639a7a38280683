import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Client } from 'pg';
import { guardFrames } from './postgres-frames.ts';
import { type Session, SessionFailed, type SessionFault, sessionLimits } from './session.ts';
import type { ConnectionSettings } from './settings.ts';
import { boundedBytes } from './stream-bound.ts';

const rowsAtOnce = [20, 200] as const;

/** `address` was checked; the name is only what its certificate must be for. */
export async function openPostgres(
  settings: ConnectionSettings,
  address: string,
  isEncrypted: boolean,
  signal: AbortSignal,
): Promise<Session> {
  const { name, host, port, database, user, password } = settings;
  const failed = (error: unknown): SessionFailed => {
    if (error instanceof SessionFailed) return error;
    const code = String((error as { code?: unknown } | null)?.code ?? '');
    return new SessionFailed(
      name,
      bound.isExceeded || rowsLeft < 0 ? 'too_much' : signal.aborted ? 'timeout' : faultOf(code),
      code,
    );
  };
  const client = new Client({
    host: address,
    port,
    database,
    user,
    // Of an empty one the driver would look in our own environment, and in the files of our operator, and send that.
    password: () => password,
    ssl: isEncrypted ? { servername: host, rejectUnauthorized: true } : false,
    connectionTimeoutMillis: sessionLimits.connectMsMax,
    query_timeout: sessionLimits.statementMsMax + 2_000,
    application_name: 'general-bots',
    client_encoding: 'UTF8',
    sslnegotiation: 'postgres',
    keepAlive: true,
    // Everything as the text it comes as: what it is, the declaration says.
    types: { getTypeParser: () => (text: string) => text },
  });
  const inner = client as unknown as {
    connection: EventEmitter & { stream: Socket; attachListeners(stream: Duplex): void };
    connectionParameters: { options?: string };
  };
  const { stream } = inner.connection;
  guardFrames(inner.connection, sessionLimits.bytesMax);
  // PGOPTIONS are for databases of our operator too.
  delete inner.connectionParameters.options;
  const bound = boundedBytes(stream, sessionLimits.bytesMax);
  const stop = (): void => void stream.destroy();
  // The driver collects whatever comes, and a row of nothing takes many times the memory of its few bytes.
  let rowsLeft = 0;
  inner.connection.on('dataRow', () => {
    if (--rowsLeft < 0) stop();
  });
  client.on('error', () => {}); // Whatever runs fails with it.
  signal.addEventListener('abort', stop, { once: true });
  const close = async (): Promise<void> => {
    signal.removeEventListener('abort', stop);
    bound.end();
    stop();
  };
  const run = async (text: string, values: readonly unknown[] = [], rowsMax = 1) => {
    rowsLeft = rowsMax;
    try {
      return await client.query<(string | null)[]>({ text, values: [...values], rowMode: 'array' });
    } catch (error) {
      throw failed(error);
    }
  };
  try {
    signal.throwIfAborted();
    await client.connect();
    await client.query(
      `set statement_timeout = ${sessionLimits.statementMsMax}; set datestyle = 'ISO'; set timezone = 'UTC'; set standard_conforming_strings = on`,
    );
  } catch (error) {
    await close();
    throw failed(error);
  }
  return {
    engine: 'postgres',
    async read(text, values, take) {
      await run('begin read only');
      await run(`declare gb_rows no scroll cursor for ${text}`, values);
      for (let size: number = rowsAtOnce[0]; ; size = rowsAtOnce[1]) {
        const { rows } = await run(`fetch ${size} from gb_rows`, [], size);
        for (const row of rows) take(row);
        if (rows.length < size) break;
      }
      await run('commit');
    },
    change: async (text, values) => (await run(text, values)).rowCount ?? 0,
    close,
  };
}

function faultOf(code: string): SessionFault {
  if (/^28/.test(code)) return 'log_in';
  if (code === 'TOO_MUCH') return 'too_much';
  if (code === '3D000') return 'no_database';
  if (code === '57014') return 'timeout';
  if (code === '23505') return 'duplicate';
  if (code === '23503') return 'reference';
  if (code === '23502') return 'missing_value';
  if (code === '42501' || code === '25006') return 'not_allowed';
  if (/^(?:22|23|42804)/.test(code)) return 'bad_value';
  if (code === '40001' || code === '40P01' || code === '55P03') return 'conflict';
  if (/^(?:ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|ENOTFOUND|EACCES)$/.test(code)) return 'unreachable';
  if (/^(?:57|08|ECONNRESET|EPIPE)/.test(code)) return 'lost';
  return code === '' ? 'unreachable' : 'other';
}
