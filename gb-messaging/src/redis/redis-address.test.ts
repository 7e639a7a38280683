import { expect, test } from 'vitest';
import { readRedisAddress } from './redis-address.ts';

test('one server, with what may be left out', () => {
  expect(readRedisAddress('redis://cache')).toEqual({
    kind: 'server',
    hosts: [{ host: 'cache', port: 6379 }],
    database: 0,
    prefix: 'gb',
  });
  expect(readRedisAddress('rediss://ana:p%40ss%3A@[::1]:7000/3?prefix=blue')).toEqual({
    kind: 'server',
    hosts: [{ host: '::1', port: 7000 }],
    username: 'ana',
    password: 'p@ss:',
    database: 3,
    tls: {},
    prefix: 'blue',
  });
  expect(readRedisAddress('redis://:secret@cache')).toMatchObject({ password: 'secret' });
});

test('sentinels and clusters name several hosts', () => {
  expect(readRedisAddress('redis+sentinel://:one@a,b:26380/main/2?sentinel_password=two')).toEqual({
    kind: 'sentinel',
    hosts: [
      { host: 'a', port: 26379 },
      { host: 'b', port: 26380 },
    ],
    password: 'one',
    masterName: 'main',
    sentinelPassword: 'two',
    database: 2,
    prefix: 'gb',
  });
  expect(readRedisAddress('rediss+cluster://a:7001,b:7002')).toMatchObject({
    kind: 'cluster',
    hosts: [
      { host: 'a', port: 7001 },
      { host: 'b', port: 7002 },
    ],
    tls: {},
  });
});

test('what is wrong is said without the password', () => {
  for (const [url, reason] of [
    ['http://:secret@cache', 'a Redis address is'],
    ['redis://:secret@a,b', 'several hosts'],
    ['redis+sentinel://:secret@a', 'name of the master'],
    ['redis+cluster://:secret@a/1', 'no database numbers'],
    ['redis://:secret@a/x', 'is a number'],
    ['redis://:secret@a:99999', 'a host of a Redis address'],
    ['redis://:secret@a?prefx=b', 'no option "prefx"'],
    ['redis://:secret@a?prefix=a*', 'prefix'],
  ] as const) {
    expect(() => readRedisAddress(url), url).toThrow(reason);
    expect(() => readRedisAddress(url), url).not.toThrow('secret');
  }
});
