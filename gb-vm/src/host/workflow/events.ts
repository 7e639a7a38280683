import type { PlainValue, TurnScope } from 'gb-core';
import type { InTurnOperation } from '../operation.ts';
import { detailsArg, listOf, numberArg, textArg } from '../people/values.ts';

const eventCharsMax = 200;
const listenersMax = 100;
const year = 366 * 86_400;

/**
 * Events of the workspace, by name: whoever waits for one goes on with its data, and scripts with ON EVENT begin. It is
 * stored with the turn that publishes it: it happens once, and nobody who began to wait before it misses it.
 */
export const eventOperations: Readonly<Record<string, InTurnOperation>> = {
  async 'WAIT FOR EVENT'(args, scope) {
    const seconds =
      args['timeout'] === undefined
        ? 0
        : numberArg(args['timeout'], { en: 'the time, in seconds,', pt: 'o tempo, em segundos,' }, 0, year);
    scope.suspend({ event: `event:${nameOf(args['event'])}`, ...(seconds > 0 ? { atMs: scope.nowMs + seconds * 1000 } : {}) });
    return null;
  },

  'PUBLISH EVENT': async (args, scope) => publish(scope, nameOf(args['event']), args['data'] ?? null),

  async TRIGGER(args, scope) {
    const values = listOf(args['values']);
    return publish(scope, nameOf(args['event']), values.length <= 1 ? (values[0] ?? null) : [...values]);
  },
};

/** Gives how many conversations and scripts it reached. */
async function publish(scope: TurnScope, event: string, given: PlainValue): Promise<PlainValue> {
  const data = detailsArg(given);
  const woken = await scope.announce(`event:${event}`, data);
  const triggers = (await scope.tx.triggers.find('event', event)).slice(0, listenersMax);
  for (const [i, { botId, script, details }] of triggers.entries()) {
    const procedure = details['procedure'];
    const params = { event, data, ...(typeof procedure === 'string' ? { procedure } : {}) };
    await scope.start({ script, params, cause: 'event', key: `event:${event}:${i}`, botId });
  }
  return woken + triggers.length;
}

function nameOf(value: PlainValue | undefined): string {
  return textArg(value, { en: 'the event', pt: 'o evento' }, eventCharsMax).toLowerCase();
}
