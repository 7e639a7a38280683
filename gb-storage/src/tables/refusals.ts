import { type Table, TableRefused } from 'gb-core';
import { GbError } from 'gb-utils';
import { isConflict, isConnectionError } from '../database-errors.ts';

interface DatabaseError {
  readonly code: string;
  readonly column?: string;
  readonly constraint?: string;
  readonly message: string;
}

/** What the database said, also below the error it was translated to. */
export function databaseError(error: unknown): DatabaseError | null {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++)
    if (!(at instanceof GbError) && /^[0-9A-Z]{5}$/.test(String((at as { code?: unknown }).code)))
      return at as unknown as DatabaseError;
  return null;
}

/** Whether the transaction as a whole is lost or has to run again. */
export const isForCaller = (error: unknown): boolean => isConflict(error) || isConnectionError(error);

/** What a statement on a declared table was refused for, in words; anything that is no fault of the author stays as it is. */
export function refusal(table: Table, error: unknown, work: 'delete' | 'other' = 'other'): unknown {
  if (error instanceof TableRefused || isForCaller(error)) return error;
  const found = databaseError(error);
  if (!found) return error;
  const name = table.name;
  const refused = (en: string, pt: string, isLimit = false): TableRefused =>
    new TableRefused({ en, pt }, { isLimit, cause: error });
  switch (found.code) {
    case '23505':
      return refused(
        `the table ${name} already has a row with this ${said(table, found)}`,
        `a tabela ${name} já tem uma linha com este valor de ${said(table, found)}`,
      );
    case '23503':
      return work === 'delete' || !Object.hasOwn(table.constraints, found.constraint ?? '')
        ? refused(`a row of ${name} is still needed by another table`, `uma linha de ${name} ainda é usada por outra tabela`)
        : refused(
            `${said(table, found)} of ${name} names a row that is not there`,
            `${said(table, found)} de ${name} indica uma linha que não existe`,
          );
    case '23502': {
      const column = logicalName(table, found.column ?? '');
      return refused(`${column} of ${name} needs a value`, `${column} de ${name} precisa de um valor`);
    }
    case '22001':
      return refused(`a text is too long for its column in ${name}`, `um texto é longo demais para sua coluna em ${name}`);
    case '22003':
      return refused(`a number is too big for its column in ${name}`, `um número é grande demais para sua coluna em ${name}`);
    case '22P02':
    case '22P05':
    case '22007':
    case '22008':
    case '22021':
      return refused(`a value does not fit its column in ${name}`, `um valor não cabe em sua coluna em ${name}`);
    case '22012':
      return refused(
        `a computed column of ${name} would be divided by zero`,
        `uma coluna calculada de ${name} seria dividida por zero`,
      );
    case '2200H':
      return refused(`there are no numbers left in ${name}`, `não há mais números em ${name}`, true);
    case '54000':
      return refused(
        `a value in a key or an index of ${name} is too long`,
        `um valor em uma chave ou em um índice de ${name} é longo demais`,
      );
    case '57014':
      return refused(
        `asking the table ${name} took too long; a narrower filter or an index helps`,
        `a consulta à tabela ${name} demorou demais; um filtro mais estreito ou um índice ajuda`,
        true,
      );
    default:
      return error;
  }
}

/** The columns of a constraint. The database does not tell the values: they might be of others. */
function said({ constraints }: Table, { constraint = '' }: DatabaseError): string {
  return constraints[constraint]?.join(', ') ?? 'key';
}

function logicalName({ columns }: Pick<Table, 'columns'>, physical: string): string {
  return columns.find((column) => column.physicalName === physical)?.name ?? physical.replace(/^c_/, '');
}
