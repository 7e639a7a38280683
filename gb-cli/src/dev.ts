import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Config } from './config.ts';

/** `gb dev`: the server under Node's watch mode, the web client under Vite with live reload. Ends when either ends. */
export async function dev(config: Config): Promise<void> {
  const server = spawn(
    process.execPath,
    ['--watch', '--watch-preserve-output', join(config.rootDir, 'gb-cli/src/main.ts'), 'serve'],
    { stdio: 'inherit' },
  );
  const web = spawn(process.execPath, [join(config.rootDir, 'node_modules/vite/bin/vite.js')], {
    cwd: join(config.rootDir, 'gb-web'),
    stdio: 'inherit',
  });
  const children = [server, web];
  const stop = () => {
    for (const child of children) child.kill('SIGTERM');
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  await Promise.race(children.map((child) => new Promise((resolve) => child.on('exit', resolve))));
  stop();
}
