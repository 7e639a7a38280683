import { OperationFailed } from '../../operation.ts';

/** One connection to another database, for one operation. */
export interface Session {
  readonly engine: 'postgres' | 'mysql';
  /**
   * Gives rows to `take` as they come, each a list of texts in the order of the columns; what `take` throws ends it.
   * Values stand in the statement as `$1`, in the order they are given.
   */
  read(text: string, values: readonly SqlValue[], take: (row: readonly (string | null)[]) => void): Promise<void>;
  /** How many rows it changed, or found. */
  change(text: string, values: readonly SqlValue[]): Promise<number>;
  /** Ends the connection, in the middle of whatever it does. */
  close(): Promise<void>;
}

export type SqlValue = string | number | boolean | null;

export const sessionLimits = {
  connectMsMax: 10_000,
  statementMsMax: 15_000,
  /** What may come over one connection; more is no answer to a question of a bot. */
  bytesMax: 33_554_432,
  /** Of them, for the answer to a statement that changes something, or looks whether something is there. */
  answerBytesMax: 262_144,
} as const;

/** Whatever goes wrong becomes one of these; a database's own sentences quote rows, so only their codes are passed on. */
export type SessionFault =
  | 'unreachable'
  | 'log_in'
  | 'no_database'
  | 'timeout'
  | 'too_much'
  | 'duplicate'
  | 'reference'
  | 'missing_value'
  | 'bad_value'
  | 'not_allowed'
  | 'conflict'
  | 'lost'
  | 'other';

export class SessionFailed extends OperationFailed {
  readonly fault: SessionFault;

  constructor(connection: string, fault: SessionFault, code = '') {
    super(
      said(connection, fault, code.replace(/[^\w]/g, '').slice(0, 40)),
      fault === 'too_much' ? 'limit_reached' : fault === 'not_allowed' ? 'not_allowed' : 'operation_failed',
    );
    this.fault = fault;
  }
}

function said(name: string, fault: SessionFault, code: string): { readonly en: string; readonly pt: string } {
  switch (fault) {
    case 'unreachable':
      return { en: `the database ${name} does not answer`, pt: `o banco de dados ${name} não responde` };
    case 'log_in':
      return {
        en: `the database ${name} does not accept the user or the password`,
        pt: `o banco de dados ${name} não aceita o usuário ou a senha`,
      };
    case 'no_database':
      return { en: `the server of ${name} has no such database`, pt: `o servidor de ${name} não tem esse banco de dados` };
    case 'timeout':
      return { en: `the database ${name} took too long`, pt: `o banco de dados ${name} demorou demais` };
    case 'too_much':
      return {
        en: `the database ${name} gives too much; LIMIT or a narrower filter helps`,
        pt: `o banco de dados ${name} dá demais; LIMIT ou um filtro mais estreito ajuda`,
      };
    case 'duplicate':
      return {
        en: `the database ${name} already has a row with this key`,
        pt: `o banco de dados ${name} já tem uma linha com esta chave`,
      };
    case 'reference':
      return {
        en: `the database ${name} refuses it: another table refers to the row, or a row it refers to is not there`,
        pt: `o banco de dados ${name} recusa: outra tabela se refere à linha, ou a linha a que ela se refere não existe`,
      };
    case 'missing_value':
      return {
        en: `the database ${name} needs a value for a column`,
        pt: `o banco de dados ${name} precisa de um valor em uma coluna`,
      };
    case 'bad_value':
      return { en: `a value does not fit its column in ${name}`, pt: `um valor não cabe em sua coluna em ${name}` };
    case 'not_allowed':
      return {
        en: `the database ${name} does not allow this to its user`,
        pt: `o banco de dados ${name} não permite isto ao seu usuário`,
      };
    case 'conflict':
      return {
        en: `the database ${name} was busy with the same rows; trying again helps`,
        pt: `o banco de dados ${name} estava ocupado com as mesmas linhas; tentar de novo ajuda`,
      };
    case 'lost':
      return { en: `the connection to the database ${name} broke off`, pt: `a conexão com o banco de dados ${name} caiu` };
    default:
      return {
        en: `the database ${name} refused it${code === '' ? '' : ` (${code})`}`,
        pt: `o banco de dados ${name} recusou${code === '' ? '' : ` (${code})`}`,
      };
  }
}
