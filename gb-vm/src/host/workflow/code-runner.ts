import type { PlainValue } from 'gb-core';
import { type OutsideOperation, settingMissing } from '../operation.ts';
import { textArg, wrong } from '../people/values.ts';
import type { HttpClient } from '../web/http-client.ts';
import { HttpFailed } from '../web/http-failed.ts';

const codeCharsMax = 100_000;
const runMsMax = 60_000;
const answerBytesMax = 1_000_000;

export interface CodeRunner {
  /** Takes POST `{language, code, key, customer}` and answers `{output, error?}` or `{value}`; its isolation is its business. */
  readonly address: URL;
  readonly http: HttpClient;
}

/**
 * RUN PYTHON and its like run nothing in this process or beside it: an operator may give the address of a service that
 * does, made for code nobody trusts.
 */
export function codeOperations(runner: CodeRunner | null): Readonly<Record<string, OutsideOperation>> {
  const run =
    (language: string): OutsideOperation =>
    async (args, call) => {
      if (!runner) throw settingMissing('GB_BOT_RUNNER');
      const code = textArg(args['code'], { en: 'the code', pt: 'o código' }, codeCharsMax);
      const answer = await runner.http.send({
        method: 'POST',
        address: runner.address,
        headers: { 'content-type': 'application/json', 'idempotency-key': call.key },
        body: new TextEncoder().encode(JSON.stringify({ language, code, key: call.key, customer: call.customerId })),
        customer: call.customerId,
        signal: call.signal,
        bytesMax: answerBytesMax,
        wholeMsMax: runMsMax,
      });
      if (answer.status !== 200)
        throw new HttpFailed('status', {
          en: `the service that runs code answered ${answer.status}`,
          pt: `o serviço que executa código respondeu ${answer.status}`,
        });
      return outcomeOf(new TextDecoder().decode(answer.bytes));
    };
  return { 'RUN PYTHON': run('python'), 'RUN JAVASCRIPT': run('javascript'), 'RUN BASH': run('bash') };
}

function outcomeOf(text: string): PlainValue {
  let outcome: { readonly value?: PlainValue; readonly output?: unknown; readonly error?: unknown };
  try {
    outcome = JSON.parse(text);
  } catch (cause) {
    throw Object.assign(wrong('the service that runs code gave no JSON', 'o serviço que executa código não deu JSON'), { cause });
  }
  if (typeof outcome.error === 'string' && outcome.error !== '')
    throw wrong(outcome.error.slice(0, 500), outcome.error.slice(0, 500));
  return outcome.value ?? (typeof outcome.output === 'string' ? outcome.output : null);
}
