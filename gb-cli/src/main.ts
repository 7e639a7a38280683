import { GbError } from 'gb-utils';
import { readConfig } from './config.ts';

const help = `gb: General Bots

  gb serve     run the product (npm start does this)
  gb dev       run it, and start again when a file changes; the web client with live reload
  gb migrate   bring the database of DATABASE_URL up to date and end
  gb help      this text

Settings are environment variables; the README lists them.
`;

const commands: Readonly<Record<string, () => Promise<void>>> = {
  serve: async () => (await import('./serve.ts')).serve(readConfig()),
  dev: async () => (await import('./dev.ts')).dev(readConfig()),
  migrate: async () => (await import('./migrate.ts')).migrateOnly(readConfig()),
  help: async () => void process.stdout.write(help),
};

const name = process.argv[2] ?? 'help';
const command = commands[name === '--help' || name === '-h' ? 'help' : name];
if (!command) {
  process.stderr.write(`gb: there is no command "${name}".\n\n${help}`);
  process.exit(2);
}
try {
  await command();
} catch (error) {
  // What a person can act on is one line; anything else is a fault of ours and shows where it happened.
  process.stderr.write(
    error instanceof GbError ? `gb: ${error.message}\n` : `gb: ${error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exit(1);
}
