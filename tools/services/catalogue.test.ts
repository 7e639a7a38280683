import { expect, test } from 'vitest';
import { groups, services, servicesOf, withGroups } from './catalogue.ts';

test('every name is one thing', () => {
  const names = [...services, ...groups].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test('a name stands for one service or for several, and a strange one for none', () => {
  expect(servicesOf('kafka').map(({ name }) => name)).toEqual(['kafka']);
  expect(servicesOf('postgres').map(({ name }) => name)).toEqual(['postgres-1', 'postgres-2', 'postgres-3']);
  expect(servicesOf('oracle')).toEqual([]);
});

test('shards are told in the order of their numbers, when all of them are there', () => {
  const found = { TEST_POSTGRES_2_URL: 'b', TEST_POSTGRES_1_URL: 'a', TEST_POSTGRES_3_URL: 'c', REDIS_URL: 'r' };
  const all = ['postgres-3', 'postgres-1', 'redis', 'postgres-2'];
  expect(withGroups(found, all)).toEqual({ ...found, DATABASE_SHARDS: 'main=a east=b west=c' });
  expect(withGroups(found, all.slice(1))).toEqual(found);
});
