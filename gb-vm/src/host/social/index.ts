import type { OutsideCall, PlainValue } from 'gb-core';
import type { Args, OperationSet, OutsideOperation } from '../operation.ts';
import { settingMissing } from '../operation.ts';
import { fileOf, textArg, wordOf, wrong } from '../people/values.ts';
import { mustSucceed, valueOfAnswer } from '../web/content.ts';
import type { HttpClient } from '../web/http-client.ts';
import { send, serviceAddress, type WebCall } from '../web/web-call.ts';

const textCharsMax = 10_000;
const pictureBytesMax = 5_000_000;

/**
 * Publications on social networks, through a gateway that the bot's config.csv names: `social-url` takes POST `{network,
 * account, text, image, at, key}` and DELETE of `social-url` with `post` (in its `{post}`, or as a parameter); `social-key` is sent as a bearer token. The networks
 * themselves want an application registered by whoever runs the gateway; nothing is published without it.
 */
export function socialOperations(http: HttpClient | null): OperationSet {
  const gateway = (call: OutsideCall): WebCall => {
    if (!call.settings['social-url'] || !http) throw settingMissing('social-url');
    return { call, http, signal: call.signal } as WebCall;
  };
  const headersOf = ({ settings }: OutsideCall): Record<string, string> => ({
    'content-type': 'application/json',
    ...(settings['social-key'] ? { authorization: `Bearer ${settings['social-key']}` } : {}),
  });
  const publish = async (network: string, args: Args, call: OutsideCall): Promise<PlainValue> => {
    const web = gateway(call);
    const text = wordOf(args['text']).slice(0, textCharsMax);
    const image = args['image'] === undefined || args['image'] === null ? null : await pictureOf(args['image'], call);
    if (text === '' && !image) throw wrong('there is nothing to publish', 'não há nada para publicar');
    const body = {
      network: network.toLowerCase(),
      account: wordOf(args['account']) || null,
      ...(args['password'] === undefined ? {} : { password: wordOf(args['password']) }),
      text,
      image,
      at: wordOf(args['time']) || null,
      key: call.key,
    };
    const address = serviceAddress(web, 'social-url', { network: body.network }, 'network');
    if (body.password !== undefined && address.protocol !== 'https:')
      throw wrong('a password is sent over https only', 'uma senha só é enviada por https', 'not_allowed');
    const bytes = new TextEncoder().encode(JSON.stringify(body));
    return valueOfAnswer(
      mustSucceed(await send(web, { method: 'POST', address, headers: headersOf(call), body: bytes })),
      call.drive,
    );
  };
  const outside: Readonly<Record<string, OutsideOperation>> = {
    'POST TO': (args, call) => publish(textArg(args['network'], { en: 'the network', pt: 'a rede' }, 60), args, call),
    TWEET: (args, call) => publish('x', args, call),
    async 'DELETE POST'(args, call) {
      const web = gateway(call);
      const post = textArg(args['post'], { en: 'the publication', pt: 'a publicação' }, 300);
      const address = serviceAddress(web, 'social-url', { post }, 'post');
      mustSucceed(await send(web, { method: 'DELETE', address, headers: headersOf(call) }));
      return true;
    },
  };
  return { outside };
}

/** The picture itself goes along: what is in a bot's drive has no address of its own. */
async function pictureOf(value: PlainValue, call: OutsideCall): Promise<PlainValue> {
  if (typeof value === 'string' && /^https:\/\//i.test(value)) return { url: value };
  const found = await call.drive.read(fileOf(value) ?? wordOf(value));
  if (!found) throw wrong(`there is no file ${wordOf(value).slice(0, 80)}`, `não há um arquivo ${wordOf(value).slice(0, 80)}`);
  if (found.bytes.length > pictureBytesMax)
    throw wrong('the picture is larger than 5 MB', 'a imagem tem mais de 5 MB', 'limit_reached');
  const { name, type } = found.value;
  return { name, type, data: Buffer.from(found.bytes).toString('base64') };
}
