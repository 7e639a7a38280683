// `npm run fuzz [minutes]`: the random tests of the language for longer than `npm test` gives them. Random programs must
// say the same however they are compiled and stopped; damaged scripts must be compiled or refused. What fails prints the
// seed and the script; both come from the seed alone, so a failure can be looked at again.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const minutes = Number(process.argv[2] ?? 10);
if (!(minutes > 0)) {
  process.stderr.write('npm run fuzz [minutes]: how long each of the two random tests runs, 10 when nothing is said.\n');
  process.exit(2);
}
const files = ['gb-vm/src/runtime/differential.test.ts', 'gb-vm/src/testing/mutation.test.ts'];
const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', ...files], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  env: { ...process.env, GB_FUZZ_MS: String(minutes * 60_000) },
  stdio: ['ignore', 'inherit', 'inherit'],
});
child.on('exit', (code) => process.exit(code ?? 1));
