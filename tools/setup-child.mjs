// Runs a command, and ends it with everything it started when whoever started us is gone, however that happened: the
// pipe on standard input breaks. Without this, npm would go on alone and fight with the next set-up over node_modules.
// Started as the leader of a process group of its own. Exit code 127: there is no such command.
import { spawn } from 'node:child_process';

const [command, ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
child.on('error', (error) => process.exit(error.code === 'ENOENT' ? 127 : 126));
child.on('exit', (code) => process.exit(code ?? 1));
process.stdin.on('end', () => process.kill(-process.pid, 'SIGKILL')).resume();
