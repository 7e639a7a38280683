// Runs a TypeScript file with the project's own Node (24, which strips types), whatever Node started us.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [file, ...args] = process.argv.slice(2);
const child = spawn(
  fileURLToPath(new URL('../node_modules/node/bin/node', import.meta.url)),
  ['--disable-warning=ExperimentalWarning', file, ...args],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
// The terminal sends Ctrl-C to the whole group, a process manager its signal to us alone: pass all on, twice does no harm.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  process.stderr.write(`General Bots' own Node did not start (${error.message}); \`node tools/setup.mjs\` puts it in place.\n`);
  process.exit(1);
});
child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));
