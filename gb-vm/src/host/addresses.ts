import { type DocumentWorkshop, readPlace, writePlace } from './documents/index.ts';
import type { OperationSet } from './operation.ts';
import type { LocalGet } from './web/index.ts';

/** GET of a file or a cell of a sheet. */
export function localGet(workshop: DocumentWorkshop): LocalGet {
  return (address, values, call) => {
    const [first] = values;
    return readPlace({ workshop }, address, typeof first === 'string' ? first : null, call);
  };
}

/** SET of a cell of a sheet; SET of a row belongs to the tables. */
export function cellOperations(workshop: DocumentWorkshop): OperationSet {
  return {
    outside: {
      async SET({ target, values }, call) {
        const [address = null, value = null] = Array.isArray(values) ? values : [];
        return writePlace({ workshop }, String(target), String(address), value, call);
      },
    },
  };
}
