import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { installPackages, onPath } from './debian.ts';
import { runCommand } from './run-command.ts';
import { type Place, type Service, Unavailable } from './service.ts';

export interface InterpreterOptions {
  readonly name: string;
  /** The environment variable that names the program. */
  readonly variable: string;
  readonly packages: readonly string[];
  /** What the program may be called, best first. */
  readonly programs: readonly string[];
  /** A program in its language that prints 42, and what the file is called. */
  readonly file: string;
  readonly prints42: string;
}

/** Another language, as Debian has it. Nothing runs between two programs, so there is nothing to start or stop. */
export function interpreter(options: InterpreterOptions): Service {
  const { name, variable, packages, programs, file, prints42 } = options;
  const program = (): string | undefined => process.env[variable] || onPath(programs);
  return {
    name,
    async install(place) {
      if (program() === undefined) await installPackages(packages, place);
      if (program() === undefined) throw new Unavailable(`${packages.join(' ')} has no program ${programs.join(' or ')}`);
    },
    async start() {},
    async ready(place) {
      await answers42(place, program()!, file, prints42);
    },
    env: () => ({ [variable]: program()! }),
    async stop() {},
  };
}

async function answers42(place: Place, program: string, file: string, source: string): Promise<void> {
  const script = path.join(place.dir, file);
  writeFileSync(script, source);
  const out = await runCommand(program, [script], { msMax: 20_000 });
  if (!/\b42\b/.test(out)) throw new Unavailable(`${program} runs, and does not know that 6 * 7 is 42`);
}
