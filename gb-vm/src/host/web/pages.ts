import type { PlainValue } from 'gb-core';
import { OperationFailed } from '../operation.ts';
import { mustBeText, mustSucceed } from './content.ts';
import type { PageJob, PageResults } from './page-reader.ts';
import { wordOf } from './values.ts';
import { headersFor, send, type WebCall, type WebOperation, webAddress } from './web-call.ts';

/** SCRAPE, SCRAPE ALL, SCRAPE TABLE and RSS. */
export const pageOperations: Readonly<Record<string, WebOperation>> = {
  SCRAPE: async ({ address, selector }, web) => {
    const { source, base } = await fetchText(web, address);
    return await read(web, { kind: 'text', source, base, selector: wordOf(selector) || null });
  },

  'SCRAPE ALL': async ({ address, selector }, web) => {
    const { source, base } = await fetchText(web, address);
    return await read(web, { kind: 'texts', source, base, selector: wordOf(selector) });
  },

  'SCRAPE TABLE': async ({ address, selector }, web) => {
    const { source, base } = await fetchText(web, address);
    return await read(web, { kind: 'table', source, base, selector: wordOf(selector) || null });
  },

  RSS: async ({ address }, web) => {
    const { source, base } = await fetchText(web, address);
    const items = await read(web, { kind: 'feed', source, base });
    if (items) return items.map((item) => ({ ...item }));
    throw new OperationFailed({ en: 'there is no feed at this address', pt: 'não há um feed nesse endereço' });
  },
};

async function fetchText(web: WebCall, address: PlainValue | undefined): Promise<{ source: string; base: string }> {
  const answer = mustSucceed(await send(web, { address: webAddress(web, address), headers: headersFor(web, undefined) }));
  return { source: mustBeText(answer), base: answer.address.href };
}

const read = <J extends PageJob>({ pages, call, signal }: WebCall, job: J): Promise<PageResults[J['kind']]> =>
  pages.read(job, call.customerId, signal);
