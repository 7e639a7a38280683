import { expect, test } from 'vitest';
import { networkOf } from './network.ts';

test('a /64 of IPv6 is one, however its addresses are written', () => {
  const same = ['2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:0DB8:0001:0002::', '2001:db8:1:2::1%eth0'];
  for (const address of same) expect(networkOf(address)).toBe('2001:db8:1:2::/64');
  expect(networkOf('2001:db8:1:3::1')).not.toBe(networkOf('2001:db8:1:2::1'));
  expect(networkOf('2001:db8::1:2')).toBe('2001:db8:0:0::/64');
  expect(networkOf('::1')).toBe('0:0:0:0::/64');
  expect(networkOf('fe80::1:2:3:4')).toBe('fe80:0:0:0::/64');
  expect(networkOf('1:2:3:4:5:6:7::')).toBe('1:2:3:4::/64');
});

test('an IPv4 address is itself, also where it is written as IPv6', () => {
  expect(networkOf('203.0.113.9')).toBe('203.0.113.9');
  expect(networkOf('::ffff:203.0.113.9')).toBe('203.0.113.9');
  expect(networkOf('::ffff:cb00:7109')).toBe('203.0.113.9');
  expect(networkOf('::FFFF:CB00:7109')).toBe('203.0.113.9');
  expect(networkOf('0:0:0:0:0:ffff:203.0.113.9')).toBe('203.0.113.9');
  // Not mapped, only written alike.
  expect(networkOf('2001:db8::203.0.113.9')).toBe('2001:db8:0:0::/64');
});

test('what is no address counts as what it says', () => {
  for (const text of ['unknown', '', '1.2.3', ':::', 'ç🙂']) expect(networkOf(text)).toBe(text);
});
