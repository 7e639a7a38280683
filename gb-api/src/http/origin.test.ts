import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { cookieToken, isOwnOrigin } from './origin.ts';

test('only our own pages are ours', () => {
  expect(isOwnOrigin('http://localhost:8080', 'localhost:8080', null)).toBe(true);
  for (const origin of [
    'null',
    '',
    'http://localhost:8081',
    'http://localhost.evil.example:8080',
    'http://evil.example',
    'file://',
    'localhost:8080',
  ]) {
    expect([origin, isOwnOrigin(origin, 'localhost:8080', null)]).toEqual([origin, false]);
  }
});

test('behind a proxy the public address counts', () => {
  expect(isOwnOrigin('https://chat.example.com', '10.0.0.3:8080', 'https://chat.example.com/')).toBe(true);
  expect(isOwnOrigin('http://chat.example.com', '10.0.0.3:8080', 'https://chat.example.com/')).toBe(false);
});

test('the cookie is found by its exact name', () => {
  const request = (cookie: string) => ({ headers: { cookie } }) as IncomingMessage;
  expect(cookieToken(request('a=1; gb_session=gbs_x; b=2'), false)).toBe('gbs_x');
  expect(cookieToken(request('xgb_session=evil'), false)).toBeNull();
  expect(cookieToken(request('gb_session=plain'), true)).toBeNull();
  expect(cookieToken(request('__Host-gb_session=safe'), true)).toBe('safe');
});
