import { nodeRoles } from 'gb-core';
import { expect, test } from 'vitest';
import { checkRoles, readRoles } from './roles.ts';

const database = { hasDatabase: true, hasKafka: false };

test('without a word a process does everything', () => {
  for (const text of [undefined, '', ' ']) expect([...readRoles(text)]).toEqual([...nodeRoles]);
  checkRoles(readRoles(undefined), { hasDatabase: false, hasKafka: false });
});

test('roles may be given in any combination that works', () => {
  expect([...readRoles('api, gateway')]).toEqual(['api', 'gateway']);
  for (const text of ['api gateway', 'writer', 'relay,bots', 'jobs', 'bots', 'media']) checkRoles(readRoles(text), database);
  checkRoles(readRoles('relay'), { hasDatabase: true, hasKafka: true });
});

test('what cannot work is refused with what to do', () => {
  expect(() => readRoles('api, typing')).toThrow('GB_ROLES names "typing". There are: gateway, api, writer');
  expect(() => checkRoles(readRoles('relay,jobs'), database)).toThrow('Set KAFKA_BROKERS, or add bots to GB_ROLES');
  expect(() => checkRoles(readRoles('gateway,api'), { hasDatabase: false, hasKafka: true })).toThrow(
    'leaves out relay, bots, jobs, and no other process can use the embedded database',
  );
});
