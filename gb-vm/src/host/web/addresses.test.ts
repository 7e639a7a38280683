import { expect, test } from 'vitest';
import { AllowList, isLocalName, isPublicAddress } from './addresses.ts';

test.each([
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '100.127.255.255',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.192',
  '192.0.2.7',
  '192.168.1.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.9',
  '224.0.0.1',
  '239.255.255.250',
  '240.0.0.1',
  '255.255.255.255',
  '168.63.129.16',
  '100.100.100.200',
])('%s is not of the public internet', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each([
  '::',
  '::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:169.254.169.254',
  '::ffff:0:127.0.0.1',
  '::127.0.0.1',
  '64:ff9b::10.0.0.1',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b:1::808:808',
  '100::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::1',
  '2002:808:808::1',
  '3fff::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
])('%s is not of the public internet either', (address) => {
  expect(isPublicAddress(address)).toBe(false);
});

test.each([
  '8.8.8.8',
  '1.1.1.1',
  '172.15.255.255',
  '172.32.0.1',
  '100.63.255.255',
  '100.128.0.1',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2a00:1450:4001:81b::200e',
  '::ffff:8.8.8.8',
  '64:ff9b::8.8.8.8',
])('%s is', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});

test('what is no address is no public address', () => {
  for (const text of ['', 'example.com', '127.1', '0x7f.1', '2130706433']) expect(isPublicAddress(text)).toBe(false);
});

test('names of this machine and this network are known without asking', () => {
  for (const name of [
    'localhost',
    'LOCALHOST.',
    'a.localhost',
    'db',
    'metadata.google.internal',
    'printer.local',
    'nas.lan',
    'x.home.arpa',
  ])
    expect(isLocalName(name), name).toBe(true);
  for (const name of ['example.com', 'internal.example.com', 'localhost.example.com'])
    expect(isLocalName(name), name).toBe(false);
});

test('an operator allows names, whole domains, addresses and networks, and nothing beside them', () => {
  const allow = new AllowList(['erp.example.com', '*.corp.example', '10.1.2.3', '192.168.0.0/16', 'fd00::/8', 'wiki']);
  for (const host of ['ERP.example.com', 'erp.example.com.', 'a.corp.example', 'wiki'])
    expect(allow.allowsHost(host), host).toBe(true);
  for (const host of ['example.com', 'xerp.example.com', 'corp.example', 'evilcorp.example'])
    expect(allow.allowsHost(host), host).toBe(false);
  for (const address of ['10.1.2.3', '192.168.9.9', 'fd12::1']) expect(allow.allowsAddress(address), address).toBe(true);
  for (const address of ['10.1.2.4', '192.169.0.1', 'fe80::1', 'wiki']) expect(allow.allowsAddress(address), address).toBe(false);
});

test('a slip of the pen in the list is found when it is read', () => {
  for (const entry of ['10.0.0.0/33', '10.0.0', 'http://erp', 'a b', '*', '*.', 'fd00::/129'])
    expect(() => new AllowList([entry]), entry).toThrow(/neither/);
});
