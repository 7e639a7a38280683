import type { CustomerId } from 'gb-protocol';
import { assert } from 'gb-utils';
import type { Link } from './link.ts';
import { customersOf, type MovedTable, tablesOf } from './moved-tables.ts';
import { sumOf } from './rows.ts';

/** The two databases do not have the same rows: nothing is handed over. */
export class CopyDiffers extends Error {
  constructor(difference: string) {
    super(`The copy is not what the source has: ${difference}`);
    this.name = 'CopyDiffers';
  }
}

/**
 * Counts the rows of every customer in every table at both ends and adds up what is in them. Of one instant: within a
 * transaction of the source in which all changes were brought over. Gives the number of rows.
 */
export async function compareBucket(
  source: Link,
  target: Link,
  bucket: number,
  tables: readonly MovedTable[],
  onRows: (rows: number) => Promise<void>,
): Promise<number> {
  let rows = 0;
  const owners = await customersOf(source, bucket);
  const others = (await customersOf(target, bucket)).filter((id) => !owners.includes(id));
  if (others.length > 0) throw new CopyDiffers(`customer ${others[0]} is at the target only`);
  for (const customerId of owners) {
    const count = await compareCustomer(source, target, customerId, tables);
    rows += count;
    await onRows(count);
  }
  return rows;
}

async function compareCustomer(
  source: Link,
  target: Link,
  customerId: CustomerId,
  tables: readonly MovedTable[],
): Promise<number> {
  const compared = tablesOf(tables, customerId).filter(({ kind }) => kind !== 'relayed');
  const [here, there] = await Promise.all(
    [source, target].map(async (link) => {
      const [, sums] = await Promise.all([link.actFor(customerId), sumOf(link, compared, customerId)]);
      return sums;
    }),
  );
  assert(here && there, 'both ends were asked');
  const found = new Map(there.map((sum) => [sum.name, sum]));
  for (const { name, count, sum } of here) {
    const other = found.get(name);
    if (other?.count !== count || other.sum !== sum)
      throw new CopyDiffers(`${name} of customer ${customerId} has ${count} rows, and ${other?.count ?? 'no'} at the target`);
  }
  return here.reduce((total, { count }) => total + count, 0);
}
