import type { Expression } from '../ast.ts';
import type { TokenStream } from '../token-stream.ts';
import { hostValue } from './host.ts';
import type { KnownNames } from './known-names.ts';
import { callValue } from './procedures.ts';
import { parseQuery, startsQuery } from './query.ts';

/** Reads, where a value may begin, what only this dialect has there: `FIND …`, `SELECT … FROM`, `CALL script(…)`. */
export function valueReader(known: KnownNames): (stream: TokenStream) => Expression | null {
  return (stream) => {
    if (stream.is('SELECT')) return startsQuery(stream) ? parseQuery(stream) : null;
    if (stream.is('CALL')) return callValue(stream, known);
    return hostValue(stream, known);
  };
}
