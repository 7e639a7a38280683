import { LruMap } from 'gb-utils';
import { OperationFailed } from '../operation.ts';
import { mustBeText, mustSucceed } from './content.ts';
import { answerIn, envelopeFor } from './envelope.ts';
import { httpLimits } from './http-client.ts';
import { HttpFailed } from './http-failed.ts';
import type { XmlNode } from './page-reader.ts';
import { wordOf } from './values.ts';
import { headersFor, send, type WebCall, type WebOperation, webAddress } from './web-call.ts';
import { importsOf, isWsdl, methodsOf, type SoapMethod } from './wsdl.ts';

const descriptionsMax = 200;
const descriptionMsMax = 600_000;
const documentsMax = 20;

type Methods = ReadonlyMap<string, SoapMethod>;

/**
 * SOAP reads the service's description (WSDL) to learn how a method is called: at the address when it is one, else at
 * the address with ?wsdl. A service without one is called with the method's name as it is; a method written with its
 * namespace, as "http://example.com/stock/GetStock", needs none.
 */
export function soapOperations(now: () => number): Readonly<Record<string, WebOperation>> {
  const descriptions = new LruMap<string, { readonly methods: Methods | null; readonly untilMs: number }>(descriptionsMax);

  const describe = async (web: WebCall, address: URL): Promise<Methods | null> => {
    const isDescription = /(?:^\?|&)(?:single)?wsdl\b|\.wsdl$/i.test(address.search || address.pathname);
    const key = `${web.call.customerId} ${address.href}`;
    const known = descriptions.get(key);
    if (known && known.untilMs > now()) return known.methods;
    const methods = isDescription ? await readDescription(web, address) : await lookForDescription(web, address);
    descriptions.set(key, { methods, untilMs: now() + descriptionMsMax });
    return methods;
  };

  return {
    SOAP: async ({ address, method, body }, web) => {
      const target = webAddress(web, address);
      const name = wordOf(method).trim();
      const shape = namespaced(name) ?? methodOf(await describe(web, target), name);
      const endpoint = shape.endpoint === null ? withoutQuery(target) : webAddress(web, shape.endpoint);
      const isFirst = shape.version === '1.1';
      const answer = await send(web, {
        method: 'POST',
        address: endpoint,
        headers: {
          // Secrets of SET HEADER are for the host that the program named, not for one that a description names.
          ...(isSameHost(endpoint, target) ? headersFor(web, undefined) : {}),
          ...(isFirst ? { soapaction: `"${shape.action}"` } : {}),
          'content-type': isFirst ? 'text/xml; charset=utf-8' : `application/soap+xml; charset=utf-8; action="${shape.action}"`,
        },
        body: Buffer.from(envelopeFor(shape, body ?? null)),
      });
      // Faults come with status 500 and say more than it.
      if (answer.status !== 200 && answer.status !== 500) mustSucceed(answer);
      if (answer.bytes.byteLength === 0) {
        mustSucceed(answer);
        return null;
      }
      const root = await readEnvelope(web, mustBeText(answer), () => mustSucceed(answer));
      const value = answerIn(root);
      mustSucceed(answer);
      if (value === undefined) throw noSoap();
      return value;
    },
  };
}

/** Descriptions are often read over http and name the same host over https. */
const isSameHost = (endpoint: URL, target: URL): boolean =>
  endpoint.hostname === target.hostname && (endpoint.protocol === 'https:' || target.protocol === 'http:');

async function readEnvelope(web: WebCall, source: string, mustBeGood: () => unknown): Promise<XmlNode> {
  try {
    return await web.pages.read({ kind: 'xml', source }, web.call.customerId, web.signal);
  } catch (error) {
    if (error instanceof OperationFailed) mustBeGood();
    throw error;
  }
}

function namespaced(name: string): SoapMethod | null {
  const [, uri, local] = /^([a-z][a-z0-9+.-]*:.*[/#])([^/#]+)$/i.exec(name) ?? [];
  if (uri === undefined || local === undefined) return null;
  return { ...plainMethod(local), action: name, wrapper: { uri: uri.replace(/#$/, ''), name: local }, isQualified: true };
}

const plainMethod = (name: string): SoapMethod => ({
  name,
  action: name,
  wrapper: { uri: '', name },
  isQualified: false,
  order: [],
  version: '1.1',
  endpoint: null,
});

function methodOf(methods: Methods | null, name: string): SoapMethod {
  if (!methods) return plainMethod(name);
  const found = methods.get(name) ?? [...methods.values()].find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (found) return found;
  const names = [...methods.keys()].slice(0, 20).join(', ').slice(0, 300);
  const shown = name.slice(0, 60);
  throw new OperationFailed({
    en: `the service has no method "${shown}"; it has ${names}`,
    pt: `o serviço não tem o método "${shown}"; ele tem ${names}`,
  });
}

async function lookForDescription(web: WebCall, address: URL): Promise<Methods | null> {
  const target = withoutQuery(address);
  target.search = '?wsdl';
  try {
    return await readDescription(web, target);
  } catch (error) {
    // It has none, or none there: the call itself will say what is wrong, if anything is.
    if (error instanceof OperationFailed && error.code === 'operation_failed') return null;
    throw error;
  }
}

/** The description with the documents it imports, as far as there are not too many of them. */
async function readDescription(web: WebCall, address: URL): Promise<Methods> {
  const documents: XmlNode[] = [];
  const wanted = [address];
  const seen = new Set<string>();
  let bytesLeft = httpLimits.answerBytesMax;
  for (let next = wanted.shift(); next && documents.length < documentsMax && bytesLeft > 0; next = wanted.shift()) {
    if (seen.has(next.href)) continue;
    seen.add(next.href);
    const headers = next.origin === address.origin ? headersFor(web, undefined) : {};
    const answer = mustSucceed(await send(web, { address: next, headers, bytesMax: bytesLeft }));
    bytesLeft -= answer.bytes.byteLength;
    const root = await web.pages.read({ kind: 'xml', source: mustBeText(answer) }, web.call.customerId, web.signal);
    if (documents.length === 0 && !isWsdl(root)) throw noWsdl();
    documents.push(root);
    for (const link of importsOf(root)) if (URL.canParse(link, answer.address)) wanted.push(new URL(link, answer.address));
  }
  const methods = methodsOf(documents);
  if (methods.size === 0) throw noWsdl();
  return methods;
}

function withoutQuery(address: URL): URL {
  const plain = new URL(address);
  plain.search = '';
  plain.hash = '';
  return plain;
}

function noWsdl(): OperationFailed {
  return new OperationFailed({
    en: 'there is no description of a SOAP service at this address',
    pt: 'não há a descrição de um serviço SOAP nesse endereço',
  });
}

function noSoap(): HttpFailed {
  return new HttpFailed('broken', { en: 'the answer is no SOAP envelope', pt: 'a resposta não é um envelope SOAP' });
}
