import { expect, test } from 'vitest';
import { defaultQuotas, readQuota, readQuotaDefaults } from './quota-table.ts';

test('amounts are written as people write them', () => {
  const most = (text: string) => readQuota(text).most;
  expect(readQuota('storage=50GB')).toEqual({ name: 'storage', most: 50_000_000_000 });
  expect(most('storage=1.5TiB')).toBe(1.5 * 2 ** 40);
  expect(most('storage=500')).toBe(500);
  expect(most('storage=10 kB')).toBe(10_000);
  expect(most('messages=2M')).toBe(2_000_000);
  expect(most('members=10k')).toBe(10_000);
  expect(most('MEMBERS=0')).toBe(0);
  expect(most('bots=unlimited')).toBeNull();
});

test('what is no amount, and what there is no quota for, is refused with what would be right', () => {
  const wrong = [
    'storage=',
    'storage',
    '=5',
    'rooms=5',
    'members=5GB',
    'storage=5 lots',
    'members=-1',
    'members=1e9',
    'calls=unlimited',
  ];
  for (const text of [...wrong, 'storage=9007199254740993TB', 'messages=٣', 'members=5;drop'])
    expect(() => readQuota(text), text).toThrow(expect.objectContaining({ code: 'malformed' }));
  expect(() => readQuota('storage=much')).toThrow('50GB');
  expect(() => readQuota('rooms=5')).toThrow('members');
});

test('settings change what they name, for everybody or for a tier', () => {
  expect(readQuotaDefaults('')).toEqual(new Map([['*', defaultQuotas]]));
  const tables = readQuotaDefaults(' storage=1GB  pro:storage=unlimited,pro:members=5  members=7 ');
  expect(tables.get('*')).toEqual({ ...defaultQuotas, storage: 1_000_000_000, members: 7 });
  expect(tables.get('pro')).toEqual({ storage: null, members: 5 });
  expect(() => readQuotaDefaults('pro:rooms=5')).toThrow(expect.objectContaining({ code: 'malformed' }));
});
