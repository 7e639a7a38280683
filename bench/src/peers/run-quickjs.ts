import { createRequire } from 'node:module';
import path from 'node:path';
import { kernels } from './kernels.ts';
import { printRounds } from './samples.ts';

/** What we use of quickjs-emscripten, which is not installed with the project. */
interface QuickJs {
  newQuickJSWASMModuleFromVariant(variant: unknown): Promise<{ newContext(): Context }>;
}
interface Context {
  evalCode(code: string): unknown;
  unwrapResult(result: unknown): unknown;
  dump(value: unknown): unknown;
}

// `run-quickjs.ts kernel n rounds`: QuickJS as WebAssembly, from the directory QUICKJS_DIR.
const [name, n, rounds] = process.argv.slice(2);
const kernel = kernels.find((one) => one.name === name)!;
const require = createRequire(path.join(process.env['QUICKJS_DIR']!, 'package.json'));
const { newQuickJSWASMModuleFromVariant } = require('quickjs-emscripten-core') as QuickJs;
const variant = require('@jitl/quickjs-wasmfile-release-sync') as { default?: unknown };
const context = (await newQuickJSWASMModuleFromVariant(variant.default ?? variant)).newContext();
context.unwrapResult(context.evalCode(`const kernel = ${kernel.javascript}`));
await printRounds(Number(rounds), () => Number(context.dump(context.unwrapResult(context.evalCode(`kernel(${n})`)))));
