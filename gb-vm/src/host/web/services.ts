import { mustSucceed, valueOfAnswer } from './content.ts';
import { pageOf } from './paging.ts';
import { wordOf } from './values.ts';
import { send, serviceAddress, type WebCall, type WebOperation } from './web-call.ts';

/**
 * WEATHER and SEARCH PRODUCTS ask a service that the bot's config.csv names: `weather-url` with `{place}` and
 * `{language}`, `products-url` with `{text}` and `{limit}`; `weather-key` and `products-key` are sent as bearer tokens.
 */
export const serviceOperations: Readonly<Record<string, WebOperation>> = {
  WEATHER: async ({ place }, web) => {
    const address = serviceAddress(web, 'weather-url', { place: wordOf(place), language: web.call.locale }, 'q');
    return await valueOfAnswer(mustSucceed(await send(web, { address, headers: keyHeader(web, 'weather-key') })), web.call.drive);
  },

  'SEARCH PRODUCTS': async ({ text, limit }, web) => {
    const most = Math.min(Math.max(Math.trunc(Number(limit ?? productsDefault)) || productsDefault, 1), productsMax);
    const address = serviceAddress(web, 'products-url', { text: wordOf(text), limit: String(most) }, 'q');
    const answer = mustSucceed(await send(web, { address, headers: keyHeader(web, 'products-key') }));
    const value = await valueOfAnswer(answer, web.call.drive);
    return pageOf(value, answer.headers, answer.address).items?.slice(0, most) ?? value;
  },
};

const productsDefault = 10;
const productsMax = 100;

function keyHeader({ call }: WebCall, setting: string): Readonly<Record<string, string>> {
  const key = call.settings[setting];
  return key ? { authorization: `Bearer ${key}` } : {};
}
