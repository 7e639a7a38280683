import { findPerson } from 'gb-core';
import type { InTurnOperation } from '../operation.ts';
import { idFor } from './attendance.ts';
import { sendToPerson } from './messages.ts';
import { detailsArg, listOf, textArg, timeArg, wordOf, wrong } from './values.ts';

const openTasksMax = 5_000;
const shownMax = 200;

/** Tasks of the workspace. Who gets one is told by the bot, in their direct channel. */
export const taskOperations: Readonly<Record<string, InTurnOperation>> = {
  async 'CREATE TASK'(args, scope) {
    const { tx, botId, userId, botUserId } = scope;
    const title = textArg(args['title'], { en: 'the title', pt: 'o título' }, 300);
    if ((await tx.tasks.countOpen()) >= openTasksMax)
      throw wrong(`there may be ${openTasksMax} open tasks`, `pode haver ${openTasksMax} tarefas abertas`, 'limit_reached');
    const name = wordOf(args['assignee']).trim();
    const assignee = name === '' ? null : await findPerson(tx, name);
    const hasDue = wordOf(args['due']).trim() !== '';
    const dueAt = hasDue ? timeArg(args['due'], { en: 'the day when it is due', pt: 'o dia do vencimento' }, scope) : null;
    const id = await idFor(scope, 'task');
    const details = detailsArg(args['values'] === undefined ? null : [...listOf(args['values'])]);
    await tx.tasks.insert({ id, botId, title, assigneeId: assignee?.id ?? null, createdBy: userId, dueAt, details });
    const due = hasDue ? wordOf(args['due']).trim() : '';
    if (assignee && assignee.id !== botUserId && assignee.kind === 'person') {
      const text =
        assignee.locale === 'pt-BR'
          ? `Tarefa para você: **${title}**${due === '' ? '' : ` (vence em ${due})`}`
          : `A task for you: **${title}**${due === '' ? '' : ` (due ${due})`}`;
      await sendToPerson(scope, assignee.id, { text });
    }
    return { id, title, assignee: assignee?.name ?? null, due: due === '' ? null : due };
  },

  async 'ACTIVE TASKS'(args, scope) {
    const name = wordOf(args['person']).trim();
    const person = name === '' ? null : await findPerson(scope.tx, name);
    const tasks = await scope.tx.tasks.open({ assigneeId: person?.id ?? null, limit: shownMax });
    return Promise.all(
      tasks.map(async ({ id, title, assigneeId, dueAt }) => {
        const assignee = assigneeId === null ? null : await scope.tx.users.get(assigneeId);
        const due = dueAt === null ? null : new Date(dueAt).toISOString().slice(0, 19).replace('T', ' ');
        return { id, title, assignee: assignee?.name ?? null, due };
      }),
    );
  },
};
