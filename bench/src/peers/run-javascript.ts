import { kernels } from './kernels.ts';
import { printRounds } from './samples.ts';

// `run-javascript.ts kernel n rounds`: the Node we run on.
const [name, n, rounds] = process.argv.slice(2);
const kernel = kernels.find((one) => one.name === name)!;
const run = new Function(`return ${kernel.javascript}`)() as (n: number) => number;
await printRounds(Number(rounds), () => run(Number(n)));
