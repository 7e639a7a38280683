#!/usr/bin/env node
// `gb`: the command line, run by the project's own Node.
import { fileURLToPath } from 'node:url';

// run.mjs starts it at the root, and a path somebody types is theirs.
process.argv.splice(2, 0, fileURLToPath(new URL('../gb-cli/src/main.ts', import.meta.url)), `--called-from=${process.cwd()}`);
await import('./run.mjs');
