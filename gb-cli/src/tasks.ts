import type { DeadTaskInfo, TaskCounts } from 'gb-protocol';
import { limits } from 'gb-protocol';
import { exit, numberOption, readArguments, UsageError } from './basic/command-line.ts';
import { dispatch } from './basic/index.ts';
import { harmless } from './basic/report.ts';
import { report, tell } from './basic/terminal.ts';
import { asking } from './bot/server.ts';
import { timeText } from './bot/time-text.ts';

const help = `gb tasks: work that waits and work that failed, of one workspace

  gb tasks list            how much waits, by kind; "-" where the broker counts no workspaces
      --json               as one JSON array
  gb tasks dead            what failed for good, the newest first, with the reason
      --kind NAME          only of this kind, like webhook or export
      --limit N            how many, 50 if not given
      --json               as one JSON array
  gb tasks retry ID...     try these once more from the beginning
  gb tasks retry --all     the same for all that failed, or with --kind NAME for those of one kind

The server is GB_URL (http://127.0.0.1:8080 if not set), and GB_TOKEN a session of an owner or administrator there:
POST /api/sessions {"email", "password"} answers with one.
Exit codes: 0 all is well, 1 the server refused, 2 wrong use.
`;

/** `gb tasks ...`; gives the exit code. */
export async function tasks(args: readonly string[]): Promise<number> {
  return dispatch('gb tasks', help, args, { list: async () => list, dead: async () => dead, retry: async () => retry });
}

async function list(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args, { json: { type: 'boolean' } });
  if (positionals.length > 0) throw new UsageError('gb tasks list takes no names.');
  return asking(async (rest) => {
    const { tasks: counts } = await rest.tasks();
    if (values.json) tell(`${JSON.stringify(counts)}\n`);
    else if (counts.length > 0) tell(countsText(counts));
    else report('Nothing waits.\n');
    return exit.finished;
  });
}

async function dead(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args, {
    kind: { type: 'string' },
    limit: { type: 'string' },
    json: { type: 'boolean' },
  });
  if (positionals.length > 0) throw new UsageError('gb tasks dead takes no names.');
  const limit = Math.floor(numberOption('limit', values.limit, limits.pageSizeDefault, 1, limits.pageSizeMax));
  return asking(async (rest) => {
    const { tasks: found } = await rest.deadTasks({ limit, ...(values.kind === undefined ? {} : { kind: values.kind }) });
    if (values.json) tell(`${JSON.stringify(found)}\n`);
    else if (found.length > 0) tell(found.map(deadText).join(''));
    else report('Nothing failed for good.\n');
    return exit.finished;
  });
}

async function retry(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args, { kind: { type: 'string' }, all: { type: 'boolean' } });
  if ((positionals.length === 0) !== (values.all === true)) throw new UsageError('gb tasks retry needs ids, or --all.');
  return asking(async (rest) => {
    let count = 0;
    const once = async (id: string) => {
      await rest.retryDeadTask(id);
      count += 1;
    };
    for (const id of positionals) await once(id);
    const kind = values.kind === undefined ? {} : { kind: values.kind };
    // What fails again meanwhile is newer than what there was, and is left alone.
    const startedAt = Date.now();
    for (let more = values.all === true; more; ) {
      const { tasks: found } = await rest.deadTasks({ limit: limits.pageSizeMax, ...kind });
      const old = found.filter(({ diedAt }) => diedAt <= startedAt);
      for (const { id } of old) await once(id);
      more = old.length > 0 && found.length === limits.pageSizeMax;
    }
    report(count === 1 ? '1 task is tried again.\n' : `${count} tasks are tried again.\n`);
    return exit.finished;
  });
}

function countsText(counts: readonly TaskCounts[]): string {
  const cell = (value: number | string | null) => String(value ?? '-').padStart(9);
  const rows = counts.map(({ kind, ready, delayed, running, dead: gone }) =>
    [harmless(kind).padEnd(16), ...[ready, delayed, running, gone].map(cell)].join(''),
  );
  return `${['kind'.padEnd(16), ...['ready', 'later', 'running', 'failed'].map(cell)].join('')}\n${rows.join('\n')}\n`;
}

function deadText({ id, kind, attempts, reason, diedAt }: DeadTaskInfo): string {
  return `${harmless(`${timeText(diedAt)} ${id} ${kind} after ${attempts}: ${reason}`)}\n`;
}
