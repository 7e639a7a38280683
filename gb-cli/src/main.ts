import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { GbError } from 'gb-utils';
import type { Config } from './config.ts';

// Half of a start is reading and compiling ourselves: what was compiled is kept, beside what was installed. Where that
// cannot be written it is compiled again.
enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/compiled'));

const help = `gb: General Bots

  gb serve     run the product (npm start does this); with --cluster 4 as four processes behind one port
  gb dev       run it, and start again when a file changes; the web client with live reload
  gb migrate   bring the database of DATABASE_URL up to date and end
  gb basic     run and check BASIC programs
  gb bot       check, test and publish bots
  gb shard     spread organizations over several databases, and move them between those
  gb region    copies of the databases in another region, and which of the two is the home
  gb quota     show and set what organizations may have
  gb tasks     work that waits and work that failed, of one workspace
  gb mail-in   hand a mail on to a bot, for mail servers
  gb help      this text

Settings are environment variables; the README lists them.
`;

/** tools/gb.mjs starts us at the root of the product and says where the person is: the paths they type are theirs. */
const calledFrom = '--called-from=';
const words = process.argv.slice(2);
const callerFolder = words[0]?.startsWith(calledFrom) ? words.shift()!.slice(calledFrom.length) : process.cwd();

/** Read when it is needed: it knows engines that most commands do without. */
async function config(): Promise<Config> {
  return (await import('./config.ts')).readConfig();
}

/** For commands that change databases: each where it may be written now. */
async function configHere(): Promise<Config> {
  return (await import('./compose-databases.ts')).atPrimaries(await config());
}

/** A command may give its exit code. */
type Command = (args: readonly string[]) => Promise<unknown>;

const commands: Readonly<Record<string, Command>> = {
  serve: async (args) => (await import('./serve.ts')).serve(await configHere(), args),
  dev: async () => (await import('./dev.ts')).dev(await config()),
  migrate: async () => (await import('./migrate.ts')).migrateOnly(await configHere()),
  basic: async (args) => {
    process.chdir(callerFolder);
    return (await import('./basic/index.ts')).basic(args);
  },
  bot: async (args) => {
    process.chdir(callerFolder);
    return (await import('./bot/index.ts')).bot(args);
  },
  shard: async (args) => (await import('./shard/index.ts')).shard(args, await configHere()),
  region: async (args) => (await import('./region.ts')).region(args, await config()),
  quota: async (args) => (await import('./quota.ts')).quota(args, await configHere()),
  tasks: async (args) => (await import('./tasks.ts')).tasks(args),
  'mail-in': async (args) => {
    process.chdir(callerFolder);
    return (await import('./mail-in.ts')).mailIn(args);
  },
  help: async () => void process.stdout.write(help),
};

const name = words[0] ?? 'help';
const wanted = name === '--help' || name === '-h' ? 'help' : name;
const command = Object.hasOwn(commands, wanted) ? commands[wanted] : undefined;
if (!command) {
  process.stderr.write(`gb: there is no command "${name}".\n\n${help}`);
  process.exit(2);
}
try {
  const code = await command(words.slice(1));
  if (typeof code === 'number') process.exitCode = code;
} catch (error) {
  // What a person can act on is one line; anything else is a fault of ours and shows where it happened.
  process.stderr.write(
    error instanceof GbError ? `gb: ${error.message}\n` : `gb: ${error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exit(1);
}
