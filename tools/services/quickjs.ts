import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runCommand } from './run-command.ts';
import { type Service, Unavailable } from './service.ts';

/** One version, so that figures of two days can be compared. */
const packages = { 'quickjs-emscripten-core': '0.32.0', '@jitl/quickjs-wasmfile-release-sync': '0.32.0' };
const installMsMax = 3 * 60_000;

const prints42 = `
import { newQuickJSWASMModuleFromVariant } from 'quickjs-emscripten-core';
import variant from '@jitl/quickjs-wasmfile-release-sync';
const context = (await newQuickJSWASMModuleFromVariant(variant.default ?? variant)).newContext();
process.stdout.write(String(context.dump(context.unwrapResult(context.evalCode('6 * 7')))));
`;

/** A JavaScript that is interpreted, as WebAssembly: what others embed to run scripts of strangers. */
export const quickjs: Service = {
  name: 'quickjs',
  async install({ dir, say }) {
    const wanted = JSON.stringify({ private: true, dependencies: packages }, null, 2);
    const isThere = Object.keys(packages).every((name) => existsSync(path.join(dir, 'node_modules', name, 'package.json')));
    if (isThere) return;
    say('installing quickjs-emscripten');
    writeFileSync(path.join(dir, 'package.json'), wanted);
    // npm stands beside the Node that started us, which need not be the project's own: let the PATH say.
    await runCommand('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], {
      cwd: dir,
      env: process.env,
      msMax: installMsMax,
    });
  },
  async start() {},
  async ready({ dir }) {
    const script = path.join(dir, 'ready.mjs');
    writeFileSync(script, prints42);
    const out = await runCommand(process.execPath, [script], { msMax: 20_000 });
    if (out !== '42') throw new Unavailable('it runs, and does not know that 6 * 7 is 42');
  },
  env: ({ dir }) => ({ QUICKJS_DIR: dir }),
  async stop() {},
};
