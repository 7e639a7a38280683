import { OperationFailed } from 'gb-core';
import type { PageFields } from './browser/index.ts';
import { type DocumentWorkshop, readPlace, writePlace } from './documents/index.ts';
import type { OperationSet } from './operation.ts';
import type { LocalGet } from './web/index.ts';

/** GET of a file, a cell of a sheet, or a part of a page. */
export function localGet(workshop: DocumentWorkshop, fields: PageFields): LocalGet {
  return (address, values, call) => {
    const [first] = values;
    if (fields.isPage(address)) return fields.read(address, first ?? 'body', call);
    return readPlace({ workshop }, address, typeof first === 'string' ? first : null, call);
  };
}

/** SET of a cell of a sheet or a field of a page; SET of a row belongs to the tables. */
export function cellOperations(workshop: DocumentWorkshop, fields: PageFields): OperationSet {
  return {
    outside: {
      async SET({ target, values }, call) {
        const [address = null, value = null] = Array.isArray(values) ? values : [];
        if (fields.isPage(target)) return fields.write(target ?? null, address, value, call);
        if (typeof target !== 'string')
          throw new OperationFailed({
            en: 'SET takes the name of a file or a table, or a page',
            pt: 'SET recebe o nome de um arquivo ou tabela, ou uma página',
          });
        return writePlace({ workshop }, target, String(address), value, call);
      },
    },
  };
}
