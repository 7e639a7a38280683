import { spawn } from 'node:child_process';
import { Unavailable } from './service.ts';

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
  readonly msMax: number;
}

/** Runs a program to its end and gives back what it printed. Throws `Unavailable` with its last words when it fails. */
export function runCommand(program: string, args: readonly string[], options: CommandOptions): Promise<string> {
  const { cwd, env, input, msMax } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'], timeout: msMax, killSignal: 'SIGKILL' });
    let [out, err] = ['', ''];
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (err += data));
    child.stdin.on('error', () => {}); // It may end without reading what it was given.
    child.stdin.end(input ?? '');
    child.on('error', (error) => reject(new Unavailable(`${program} does not start: ${error.message}`, { cause: error })));
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(out);
      const why = signal === 'SIGKILL' ? `took longer than ${msMax / 1000} s` : `failed (${signal ?? code})`;
      reject(new Unavailable(`${program} ${args[0] ?? ''} ${why}: ${lastLineOf(err) || lastLineOf(out)}`));
    });
  });
}

function lastLineOf(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
