import type { HostOperations, OperationResult, OperationScope, PlainValue } from 'gb-core';
import { type Locale, limits } from 'gb-protocol';
import { GbError, isNestedDeeper } from 'gb-utils';
import { type Args, type InTurnOperation, OperationFailed, type OperationSet, type OutsideOperation } from './operation.ts';

export interface HostOptions {
  readonly sets: readonly OperationSet[];
  readonly answersFreely?: HostOperations['answersFreely'];
}

/** All sets as one. Of two operations of one name the first counts. */
export function createHostOperations({ sets, answersFreely = () => false }: HostOptions): HostOperations {
  const inTurn = new Map<string, InTurnOperation>();
  const outside = new Map<string, OutsideOperation>();
  const choices = Object.assign({}, ...sets.map(({ isOutside }) => isOutside ?? {})) as Record<string, (args: Args) => boolean>;
  for (const set of sets) {
    for (const [name, operation] of Object.entries(set.inTurn ?? {})) if (!inTurn.has(name)) inTurn.set(name, operation);
    for (const [name, operation] of Object.entries(set.outside ?? {})) if (!outside.has(name)) outside.set(name, operation);
  }
  return {
    kindOf({ name, args }) {
      if (outside.has(name) && (!inTurn.has(name) || choices[name]?.(args))) return 'outside';
      return inTurn.has(name) ? 'inTurn' : null;
    },
    answersFreely,
    inTurn: (request, scope) => done(scope, () => inTurn.get(request.name)!(request.args, scope)),
    outside: (request, call) => done(call, () => outside.get(request.name)!(request.args, call)),
  };
}

async function done({ locale }: OperationScope, work: () => Promise<PlainValue>): Promise<OperationResult> {
  try {
    const value = (await work()) ?? null;
    if (isNestedDeeper(value, limits.valueLevelsMax)) throw tooDeep();
    return { value };
  } catch (error) {
    return failure(error, locale);
  }
}

/** What the program did wrong, or the world, is a result; faults of ours go on up, and the turn is made again. */
function failure(error: unknown, locale: Locale): OperationResult {
  if (error instanceof OperationFailed) {
    const text = locale === 'pt-BR' ? error.said.pt : error.said.en;
    return { error: text, code: error.code };
  }
  // Refusals of the domain, like a quota. What may be retried is trouble with the store, and not the program's business.
  if (error instanceof GbError && !error.retryable && error.code !== 'internal')
    return {
      error: error.message,
      code: error.code === 'forbidden' ? 'not_allowed' : error.code === 'quota_exceeded' ? 'limit_reached' : 'operation_failed',
    };
  throw error;
}

function tooDeep(): OperationFailed {
  return new OperationFailed({ en: 'the data are nested too deeply', pt: 'os dados estão aninhados demais' }, 'limit_reached');
}
