import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { renderManual } from './pages.ts';

// Writes docs/basic, or with --check says which of its pages are not what the table of the language makes of them.
const folder = fileURLToPath(new URL('../../../docs/basic/', import.meta.url));
const pages = await renderManual();
const isCheck = process.argv.includes('--check');
const there = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
/** Pages that people write stay: what was made here says so in its first line. */
const isMade = (name: string): boolean =>
  fs.readFileSync(path.join(folder, name), 'utf8').startsWith('<!-- Made by tools/basic-docs.ts');
const stale: string[] = [];

for (const [name, text] of pages) {
  const file = path.join(folder, name);
  if (there.includes(name) && fs.readFileSync(file, 'utf8') === text) continue;
  stale.push(name);
  if (isCheck) continue;
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(file, text);
}
for (const name of there.filter((one) => !pages.has(one) && isMade(one))) {
  stale.push(name);
  if (!isCheck) fs.rmSync(path.join(folder, name)); // an old page of ours
}
for (const name of stale) {
  const done = isCheck ? 'is not what the table makes: run node tools/basic-docs.ts [manual of BASIC]' : 'written';
  process.stdout.write(`docs/basic/${name}:1 ${done}\n`);
}
process.exitCode = isCheck && stale.length > 0 ? 1 : 0;
