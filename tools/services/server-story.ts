import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { type StartedService, startMsMax, startService } from './start-service.ts';

type Env = Readonly<Record<string, string>>;

/** What a client of the server does to find out whether it keeps what it has acknowledged. */
export interface Keeper {
  /** Writes something and returns when it is acknowledged. */
  write(env: Env): Promise<void>;
  /** Gives back what was written. */
  read(env: Env): Promise<string>;
  readonly written: string;
}

/** The story of every server that we start: it serves this machine alone, survives what tests do to it, and leaves nothing. */
export function serverStory(name: string, keeper: Keeper, more?: (has: (context: TestContext) => StartedService) => void): void {
  describe(name, () => {
    let server: StartedService | null;
    beforeAll(async () => {
      server = await startService(name);
    }, startMsMax);
    afterAll(() => server?.close());
    const has = (context: TestContext): StartedService => server ?? context.skip('this server cannot be had here');

    test('it answers this machine, and nobody else', async (context) => {
      const { env, pids } = has(context);
      await keeper.write(env);
      expect(await keeper.read(env)).toBe(keeper.written);
      const addresses = pids().flatMap(listeningAt);
      expect(addresses.length).toBeGreaterThan(0);
      expect(addresses.filter((address) => !isLoopback(address))).toEqual([]);
    });

    test('it has no rights that it does not need', (context) => {
      const users = new Set(
        has(context)
          .pids()
          .map((pid) => statSync(`/proc/${pid}`).uid),
      );
      expect(users.size).toBe(1);
      expect(users).not.toContain(0);
    });

    test(
      'killed and started again it is where it was, with what it had',
      async (context) => {
        const { env, kill, restart, pids } = has(context);
        const before = pids();
        await kill();
        expect(pids()).toEqual([]);
        expect(before.filter(isThere)).toEqual([]);
        await expect(keeper.read(env)).rejects.toThrow();
        await restart();
        expect(await keeper.read(env)).toBe(keeper.written);
        expect(pids()).not.toEqual(before);
      },
      startMsMax,
    );

    more?.(has);

    test(
      'asked to stop it goes with everybody who works for it, and comes back',
      async (context) => {
        const { env, stop, restart, pids } = has(context);
        const before = pids();
        await stop();
        expect(before.filter(isThere)).toEqual([]);
        await restart();
        expect(await keeper.read(env)).toBe(keeper.written);
      },
      startMsMax,
    );
  });
}

function isThere(pid: number): boolean {
  return !/^State:\s+Z/m.test(unlessGone(() => readFileSync(`/proc/${pid}/status`, 'utf8'), 'State: Z'));
}

/** The addresses at which a process takes TCP connections, as the kernel writes them (proc(5), net/tcp). */
function listeningAt(pid: number): readonly string[] {
  const open = unlessGone(() => readdirSync(`/proc/${pid}/fd`), []);
  const sockets = new Set(open.map((fd) => unlessGone(() => readlinkSync(`/proc/${pid}/fd/${fd}`), '')));
  return ['tcp', 'tcp6'].flatMap((table) =>
    unlessGone(() => readFileSync(`/proc/${pid}/net/${table}`, 'utf8'), '')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A' && sockets.has(`socket:[${fields[9]}]`))
      .map((fields) => fields[1]!.split(':')[0]!),
  );
}

/** A server's workers come and go while we look, and so does what they have open. */
function unlessGone<Value>(look: () => Value, otherwise: Value): Value {
  try {
    return look();
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '')) return otherwise;
    throw error;
  }
}

/** 127.0.0.1, ::1, and the first written as the second. */
function isLoopback(address: string): boolean {
  return ['0100007F', '00000000000000000000000001000000', '0000000000000000FFFF00000100007F'].includes(address);
}
