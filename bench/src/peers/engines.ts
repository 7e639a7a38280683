import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Kernel } from './kernels.ts';
import { median, readRounds, type Samples } from './samples.ts';

export interface PeerEngine {
  readonly name: string;
  /** Runs kernels at their small size. */
  readonly isSlow: boolean;
  /** null: it has nothing for this kernel. Each call is a process of its own. */
  run(kernel: Kernel, n: number): Samples | null;
}

const rounds = 7;
const msMax = 300_000;

/** Our machine and JavaScript first, then those of the others that are here; `absent` are the rest. */
export function findEngines(): { readonly engines: readonly PeerEngine[]; readonly absent: readonly string[] } {
  const all: readonly (readonly [name: string, engine: PeerEngine | null])[] = [
    ['ours', ownNode('ours', 'run-bot.ts', false)],
    ['Node', ownNode('Node', 'run-javascript.ts', false)],
    ['QuickJS', process.env['QUICKJS_DIR'] ? ownNode('QuickJS', 'run-quickjs.ts', true) : null],
    ['Lua', fromProgram(process.env['LUA'], ['lua5.4', 'lua'], (program) => luaEngine('Lua', program))],
    ['LuaJIT', fromProgram(process.env['LUAJIT'], ['luajit'], (program) => luaEngine('LuaJIT', program))],
    ['yabasic', fromProgram(process.env['YABASIC'], ['yabasic'], yabasicEngine)],
  ];
  return {
    engines: all.flatMap(([, engine]) => engine ?? []),
    absent: all.filter(([, engine]) => engine === null).map(([name]) => name),
  };
}

function ownNode(name: string, script: string, isSlow: boolean): PeerEngine {
  const file = path.join(import.meta.dirname, script);
  return {
    name,
    isSlow,
    run: (kernel, n) =>
      readRounds(
        execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', file, kernel.name, String(n), String(rounds)], {
          encoding: 'utf8',
          timeout: msMax,
          stdio: ['ignore', 'pipe', 'inherit'],
        }),
      ),
  };
}

function fromProgram(
  wanted: string | undefined,
  names: readonly string[],
  make: (program: string) => PeerEngine,
): PeerEngine | null {
  const dirs = (process.env['PATH'] ?? '').split(path.delimiter);
  const program = wanted || names.flatMap((name) => dirs.map((dir) => path.join(dir, name))).find(isProgram);
  return program ? make(program) : null;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false; // The next directory of the PATH may have it.
  }
}

/** `os.clock` is CPU time. */
function luaEngine(name: string, program: string): PeerEngine {
  return {
    name,
    isSlow: false,
    run: (kernel, n) =>
      readRounds(
        withScript(
          'kernel.lua',
          `local kernel = ${kernel.lua}\nfor round = 1, ${rounds} do\n  local start = os.clock()\n  local result = kernel(${n})\n  print(string.format("%.3f %.0f", (os.clock() - start) * 1000, result))\nend\n`,
          (script) => execFileSync(program, [script], { encoding: 'utf8', timeout: msMax }),
        ),
      ),
  };
}

/** Has no clock for CPU time, so the shell's is read: a process per round, less what an empty program takes. */
function yabasicEngine(program: string): PeerEngine {
  const timed = (source: string): { ms: number; out: string } =>
    withScript('kernel.yab', source, (script) => {
      // `time` reports on standard error, in seconds.
      const command = 'TIMEFORMAT="%3U %3S"; time "$0" "$1"';
      const { status, stdout, stderr } = spawnSync('bash', ['-c', command, program, script], {
        encoding: 'utf8',
        timeout: msMax,
      });
      const [user, system] = stderr.trim().split('\n').at(-1)!.split(' ').map(Number);
      if (status !== 0 || user === undefined || system === undefined) throw new Error(`yabasic: ${stderr}`);
      return { ms: (user + system) * 1000, out: stdout };
    });
  const startMs = median([1, 2, 3].map(() => timed('a = 1\n').ms));
  return {
    name: 'yabasic',
    isSlow: true,
    run(kernel, n) {
      if (!kernel.yabasic) return null;
      const source = kernel.yabasic(n);
      const out = [1, 2, 3].map(() => timed(source)).map(({ ms, out }) => `${Math.max(0.001, ms - startMs)} ${out.trim()}`);
      return readRounds(out.join('\n'));
    },
  };
}

function withScript<T>(name: string, source: string, use: (file: string) => T): T {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'gb-bench-'));
  try {
    const file = path.join(dir, name);
    writeFileSync(file, source);
    return use(file);
  } finally {
    rmSync(dir, { recursive: true });
  }
}
