import type { OperationSet, OutsideOperation } from '../operation.ts';
import { downloadOperations } from './download.ts';
import { graphqlOperations } from './graphql.ts';
import type { HttpClient } from './http-client.ts';
import { mcpOperations } from './mcp.ts';
import type { PageReader } from './page-reader.ts';
import { pageOperations } from './pages.ts';
import { requestOperations } from './requests.ts';
import { serviceOperations } from './services.ts';
import { settingOperations } from './settings.ts';
import { soapOperations } from './soap.ts';
import { type LocalGet, type WebOperation, withinTime } from './web-call.ts';

export { createHttpClient, type HttpClient, type HttpClientOptions, type HttpRequest, httpLimits } from './http-client.ts';
export { HttpFailed } from './http-failed.ts';
export { type FetchLike, guardedFetch } from './http-fetch.ts';
export { createPageReader, type PageReader } from './page-reader.ts';
export type { LocalGet } from './web-call.ts';
export { type WebState, webState } from './web-state.ts';
export { createWebhookSender } from './webhook-sender.ts';

export interface WebOperationsOptions {
  /** Whoever makes them closes them. */
  readonly http: HttpClient;
  readonly pages: PageReader;
  /** GET of what is not on the web; without it such a GET is an error in the program. */
  readonly localGet?: LocalGet;
  readonly now?: () => number;
}

/** Everything programs do with other systems over the network. */
export function webOperations({ http, pages, localGet, now = Date.now }: WebOperationsOptions): OperationSet {
  const outside = {
    ...requestOperations,
    ...graphqlOperations,
    ...soapOperations(now),
    ...pageOperations,
    ...serviceOperations,
    ...mcpOperations,
    ...downloadOperations,
  };
  const bounded = (operation: WebOperation): OutsideOperation => {
    return (args, call) =>
      withinTime(call, (signal) => operation(args, { call, http, pages, signal, localGet: localGet ?? null }));
  };
  return {
    inTurn: settingOperations,
    outside: Object.fromEntries(Object.entries(outside).map(([name, operation]) => [name, bounded(operation)])),
  };
}
