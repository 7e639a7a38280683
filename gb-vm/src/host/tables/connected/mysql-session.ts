import type { Socket } from 'node:net';
import { TableRefused } from 'gb-core';
import type { Connection, ResultSetHeader } from 'mysql2';
import { OperationFailed } from '../../operation.ts';
import { type Session, SessionFailed, type SessionFault, type SqlValue, sessionLimits } from './session.ts';
import type { ConnectionSettings } from './settings.ts';
import { boundedBytes } from './stream-bound.ts';

/** MySQL and MariaDB. `address` was checked; the name is only what its certificate must be for. */
export async function openMysql(
  settings: ConnectionSettings,
  address: string,
  isEncrypted: boolean,
  signal: AbortSignal,
): Promise<Session> {
  const { name, host, port, database, user, password } = settings;
  // Loaded by the first bot that has such a database.
  const { createConnection } = await import('mysql2');
  signal.throwIfAborted();
  const connection: Connection = createConnection({
    host: address,
    port,
    database,
    user,
    password,
    ...(isEncrypted ? { ssl: { rejectUnauthorized: true, servername: host } as object } : {}),
    connectTimeout: sessionLimits.connectMsMax,
    charset: 'utf8mb4',
    timezone: 'Z',
    dateStrings: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    multipleStatements: false,
    rowsAsArray: true,
    // Otherwise the names and types that a server claims become code, kept for the whole process.
    disableEval: true,
    // A server must not ask us for our files, nor for the password as it is written.
    flags: ['-LOCAL_FILES'],
    authPlugins: {
      mysql_clear_password: () => () => {
        throw new Error('a password is not sent in the clear');
      },
    },
  });
  const { stream } = connection as unknown as { stream: Socket };
  const bound = boundedBytes(stream, sessionLimits.bytesMax);
  const failed = (error: unknown): Error => {
    if (error instanceof OperationFailed || error instanceof TableRefused) return error;
    const { code = '', errno = 0 } = (error ?? {}) as { code?: string; errno?: number };
    return new SessionFailed(name, bound.isExceeded ? 'too_much' : signal.aborted ? 'timeout' : faultOf(code, errno), code);
  };
  const stop = (): void => {
    connection.destroy();
    stream.destroy();
  };
  connection.on('error', () => {}); // Whatever runs fails with it.
  signal.addEventListener('abort', stop, { once: true });
  const close = async (): Promise<void> => {
    signal.removeEventListener('abort', stop);
    bound.end();
    stop();
  };
  /** Settles also when the connection is destroyed, of which nobody else would be told. */
  const within = <T>(work: (done: (error: unknown, value?: T) => void) => void): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      const lost = (): void => reject(failed({ code: 'PROTOCOL_CONNECTION_LOST' }));
      const late = setTimeout(() => {
        reject(new SessionFailed(name, 'timeout'));
        stop();
      }, sessionLimits.statementMsMax + 2_000);
      stream.once('close', lost);
      work((error, value) => {
        clearTimeout(late);
        stream.off('close', lost);
        if (error) reject(failed(error));
        else resolve(value as T);
      });
    });
  const execute = (text: string, values: readonly SqlValue[]) => {
    const { sql, ordered } = positional(text, values);
    return [{ sql, timeout: sessionLimits.statementMsMax, rowsAsArray: true }, ordered] as const;
  };
  const change = (text: string, values: readonly SqlValue[]): Promise<number> =>
    within<number>((done) => {
      bound.allow(sessionLimits.answerBytesMax);
      const told = (error: unknown, result?: ResultSetHeader | readonly unknown[]): void =>
        done(error, isList(result) ? result.length : (result?.affectedRows ?? 0));
      // What has no values need not be prepared, and START TRANSACTION cannot be.
      if (values.length === 0) connection.query<ResultSetHeader>(text, told);
      else {
        const [options, ordered] = execute(text, values);
        connection.execute<ResultSetHeader>(options, ordered, told);
      }
    });
  try {
    await within<void>((done) => connection.connect((error) => done(error)));
    await within<void>((done) =>
      connection.query(
        "set session sql_mode = 'ANSI_QUOTES,STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES,ERROR_FOR_DIVISION_BY_ZERO', time_zone = '+00:00'",
        (error) => done(error),
      ),
    );
  } catch (error) {
    await close();
    throw failed(error);
  }
  return {
    engine: 'mysql',
    change: (text, values) => change(text, values),
    read: (text, values, take) =>
      within<void>((done) => {
        bound.allow(sessionLimits.bytesMax);
        const [options, ordered] = execute(text, values);
        const rows = connection.execute(options, ordered).stream({ highWaterMark: 50 });
        rows.on('data', (row: readonly unknown[]) => {
          try {
            take(row.map(textOf));
          } catch (error) {
            done(error);
            // What is still on its way is nobody's.
            stop();
          }
        });
        rows.once('error', (error) => done(error));
        rows.once('end', () => done(null));
      }),
    close,
  };
}

/** `$2` and `$1` as question marks, with the values in the order they stand there. */
function positional(text: string, values: readonly SqlValue[]): { readonly sql: string; readonly ordered: SqlValue[] } {
  const ordered: SqlValue[] = [];
  const sql = text.replace(/\$(\d+)/g, (_, number: string) => {
    ordered.push(values[Number(number) - 1] ?? null);
    return '?';
  });
  return { sql, ordered };
}

const isList = (result: unknown): result is readonly unknown[] => Array.isArray(result);

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function faultOf(code: string, errno: number): SessionFault {
  if (errno === 1045 || errno === 1698 || /^(?:AUTH|ER_ACCESS_DENIED)/.test(code)) return 'log_in';
  if (errno === 1049 || errno === 1044) return 'no_database';
  if (errno === 1062) return 'duplicate';
  if (errno === 1451 || errno === 1452) return 'reference';
  if (errno === 1048 || errno === 1364) return 'missing_value';
  if (errno === 1142 || errno === 1143 || errno === 1370 || errno === 1290) return 'not_allowed';
  if (errno === 1205 || errno === 1213) return 'conflict';
  if (errno === 3024 || errno === 1969 || code === 'PROTOCOL_SEQUENCE_TIMEOUT' || code === 'ETIMEDOUT') return 'timeout';
  if ([1264, 1265, 1292, 1366, 1406, 3140, 4025].includes(errno)) return 'bad_value';
  if (/^(?:ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|HANDSHAKE)/.test(code)) return 'unreachable';
  return /^(?:PROTOCOL_CONNECTION_LOST|ECONNRESET|EPIPE)$/.test(code) ? 'lost' : 'other';
}
