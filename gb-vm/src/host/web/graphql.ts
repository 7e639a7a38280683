import type { PlainValue } from 'gb-core';
import { OperationFailed } from '../operation.ts';
import { mustSucceed, valueOfAnswer } from './content.ts';
import { wordOf } from './values.ts';
import { headersFor, send, type WebOperation, webAddress } from './web-call.ts';
import { isObject } from './web-state.ts';

/** GRAPHQL gives the `data` of the answer; errors of the service are errors, also when it sends a part of the data. */
export const graphqlOperations: Readonly<Record<string, WebOperation>> = {
  GRAPHQL: async ({ address, query, variables }, web) => {
    const body = JSON.stringify({ query: wordOf(query), variables: variables ?? {} });
    const headers = { ...headersFor(web, undefined), accept: 'application/graphql-response+json, application/json' };
    const answer = await send(web, {
      method: 'POST',
      address: webAddress(web, address),
      headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
      body: Buffer.from(body),
    });
    // Services may answer 400 and say why in the errors of the body.
    const value = answer.status === 400 ? await valueOfAnswer(answer, web.call.drive) : null;
    const said = value ?? (await valueOfAnswer(mustSucceed(answer), web.call.drive));
    const complaints = isObject(said) && Array.isArray(said['errors']) ? said['errors'] : [];
    if (complaints.length > 0) throw refused(complaints);
    mustSucceed(answer);
    return isObject(said) && 'data' in said ? (said['data'] ?? null) : said;
  },
};

const errorsShownMax = 3;

function refused(complaints: readonly PlainValue[]): OperationFailed {
  const said = complaints
    .slice(0, errorsShownMax)
    .map((one) => (isObject(one) ? wordOf(one['message']) : wordOf(one)).slice(0, 200))
    .join('; ');
  return new OperationFailed({ en: `the service refused the query: ${said}`, pt: `o serviço recusou a consulta: ${said}` });
}
