#!/usr/bin/env node
// `gb`: the command line, run by the project's own Node.
import { fileURLToPath } from 'node:url';

process.argv.splice(2, 0, fileURLToPath(new URL('../gb-cli/src/main.ts', import.meta.url)));
await import('./run.mjs');
