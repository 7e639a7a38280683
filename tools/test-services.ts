// `npm run services [--down] [--dir DIR] [name ...]`: what tests and benchmarks need besides the product.
//
// Installs and starts what is named, waits until it answers, and prints the environment that finds it, alone on standard
// output, so that `eval "$(npm run -s services -- redis lua)"` sets it. `--down` stops what is named, or everything.
// Naming nothing lists what there is. It ends with 1 when something could not be had; the others are ready all the same.
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bringUp, takeDown } from './services/bring-up.ts';
import { groups, services, servicesOf, withGroups } from './services/catalogue.ts';

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const { values, positionals } = parseArgs({
  options: { down: { type: 'boolean', default: false }, dir: { type: 'string' } },
  allowPositionals: true,
});
const scratch = path.resolve(values.dir ?? path.join(os.tmpdir(), `gb-test-services-${process.getuid?.() ?? 'here'}`));
const names = [...groups, ...services].map(({ name }) => name).join(', ');
const unknown = positionals.filter((name) => servicesOf(name).length === 0);
const wanted = services.filter((service) => positionals.some((name) => servicesOf(name).includes(service)));

if (unknown.length > 0) {
  say(`There is no ${unknown.join(' and no ')}. There are: ${names}.`);
  process.exitCode = 2;
} else if (values.down) {
  const left = await takeDown(wanted.length > 0 ? wanted : services, scratch, say);
  process.exitCode = left.length > 0 ? 1 : 0;
} else if (wanted.length === 0) say(`Name what you need: ${names}.`);
else {
  const { env, missing } = await bringUp(wanted, scratch, say);
  const there = wanted.map(({ name }) => name).filter((name) => !missing.includes(name));
  for (const [name, value] of Object.entries(withGroups(env, there)))
    process.stdout.write(`export ${name}='${value.replaceAll("'", `'\\''`)}'\n`);
  process.exitCode = missing.length > 0 ? 1 : 0;
}
