import type { PlainValue } from 'gb-core';
import { type DocumentWorkshop, readPlace, writePlace } from './documents/index.ts';
import { getKept, setKept } from './memory/index.ts';
import type { Args, OperationSet } from './operation.ts';
import { setTableRow } from './tables/index.ts';
import type { LocalGet } from './web/index.ts';

/** What is kept here and not out there: `session.step`, `user.name`. */
const kept = /^\s*(session|user|bot|config)\./i;
const sheet = /\.(xlsx|xls|csv|tsv|ods)\s*$/i;
const cell = /^\s*\$?[a-z]{1,3}\$?\d{1,7}(:\$?[a-z]{1,3}\$?\d{1,7})?\s*$/i;

/** GET of a file or a cell of a sheet. */
export function localGet(workshop: DocumentWorkshop): LocalGet {
  return (address, values, call) => {
    const [first] = values;
    return readPlace({ workshop }, address, typeof first === 'string' ? first : null, call);
  };
}

/**
 * GET and SET by what they are given: what is known of the session and the person, and rows of a table, belong to the turn;
 * files and the web are outside.
 */
export function addressOperations(workshop: DocumentWorkshop): OperationSet {
  return {
    inTurn: {
      GET: async (args, scope) => (await getKept(String(args['address'] ?? ''), scope)) ?? null,
      SET: async (args, scope) => {
        const [value = null] = valuesOf(args);
        if (await setKept(String(args['target'] ?? ''), value, scope)) return null;
        return setTableRow(args, scope);
      },
    },
    outside: {
      SET: async (args, call) => {
        const [address, value = null] = valuesOf(args);
        return writePlace({ workshop }, String(args['target'] ?? ''), String(address), value, call);
      },
    },
    isOutside: {
      GET: (args) => typeof args['address'] !== 'string' || !kept.test(args['address']),
      SET: (args) => {
        const [first] = valuesOf(args);
        const target = args['target'];
        return typeof target === 'string' && sheet.test(target) && typeof first === 'string' && cell.test(first);
      },
    },
  };
}

function valuesOf(args: Args): readonly PlainValue[] {
  return Array.isArray(args['values']) ? args['values'] : [];
}
