import { createServer } from 'node:http';
import { listen as listenSoap } from 'soap';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createBot, listen, startServer, stop, type TestBot, type TestServer } from './testing.ts';

/** A service as generators write it: document style, elements qualified by their schema. */
const stockWsdl = (url: string): string => `<?xml version="1.0"?>
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"
  xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:stock" targetNamespace="urn:stock">
  <wsdl:types><xsd:schema targetNamespace="urn:stock" elementFormDefault="qualified">
    <xsd:element name="GetStockRequest"><xsd:complexType><xsd:sequence>
      <xsd:element name="id" type="xsd:int"/><xsd:element name="place" type="xsd:string" minOccurs="0"/>
    </xsd:sequence></xsd:complexType></xsd:element>
    <xsd:element name="GetStockResponse"><xsd:complexType><xsd:sequence>
      <xsd:element name="code" type="xsd:string"/><xsd:element name="lot" type="xsd:string" maxOccurs="unbounded"/>
      <xsd:element name="asked" type="xsd:string"/>
    </xsd:sequence></xsd:complexType></xsd:element>
  </xsd:schema></wsdl:types>
  <wsdl:message name="In"><wsdl:part name="p" element="t:GetStockRequest"/></wsdl:message>
  <wsdl:message name="Out"><wsdl:part name="p" element="t:GetStockResponse"/></wsdl:message>
  <wsdl:portType name="Type"><wsdl:operation name="GetStock"><wsdl:input message="t:In"/><wsdl:output message="t:Out"/></wsdl:operation></wsdl:portType>
  <wsdl:binding name="Binding" type="t:Type"><s:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    <wsdl:operation name="GetStock"><s:operation soapAction="urn:stock#GetStock"/>
      <wsdl:input><s:body use="literal"/></wsdl:input><wsdl:output><s:body use="literal"/></wsdl:output></wsdl:operation></wsdl:binding>
  <wsdl:service name="Stock"><wsdl:port name="Port" binding="t:Binding"><s:address location="${url}"/></wsdl:port></wsdl:service>
</wsdl:definitions>`;

const soapServer = createServer();
let stockUrl: string;
let bot: TestBot;
beforeAll(async () => {
  stockUrl = `http://127.0.0.1:${await listen(soapServer)}/stock`;
  listenSoap(
    soapServer,
    '/stock',
    {
      Stock: {
        Port: {
          GetStock: (asked: { id: number; place?: string }) => {
            if (asked.id < 0) throw { Fault: { faultcode: 's:Client', faultstring: `no stock ${asked.id} <x>` } };
            return { code: '007', lot: ['a', 'b & c'], asked: JSON.stringify(asked) };
          },
        },
      },
    },
    stockWsdl(stockUrl),
  );
  bot = createBot();
});
afterAll(async () => {
  await bot.close();
  await stop(soapServer);
});

test('a method of a real SOAP server is called by its description and answers with data', async () => {
  const answer = await bot.run('SOAP', {
    address: `${stockUrl}?wsdl`,
    method: 'GetStock',
    body: { place: 'São "1" <2>', id: 7 },
  });
  expect(answer).toEqual({ code: '007', lot: ['a', 'b & c'], asked: '{"id":7,"place":"São \\"1\\" <2>"}' });
});

test('the description is found at the address of the service too, and the method in any capitals', async () => {
  expect(await bot.run('SOAP', { address: stockUrl, method: 'getstock', body: { id: 1 } })).toMatchObject({ asked: '{"id":1}' });
  await expect(bot.run('SOAP', { address: stockUrl, method: 'Sell' })).rejects.toThrow('no method "Sell"; it has GetStock');
});

test('a fault of the service is an error in its words', async () => {
  await expect(bot.run('SOAP', { address: `${stockUrl}?wsdl`, method: 'GetStock', body: { id: -1 } })).rejects.toThrow(
    'the service answered with a fault: no stock -1 <x>',
  );
});

/** Answers every call with one body, and keeps what it was sent. */
async function serveSoap(
  documents: Readonly<Record<string, (url: string) => string>>,
  answer: string,
  status = 200,
): Promise<TestServer> {
  const server: TestServer = await startServer(({ method, url }, response) => {
    const document = documents[url];
    if (method === 'POST') response.writeHead(status, { 'content-type': 'text/xml' }).end(answer);
    else if (document) response.writeHead(200, { 'content-type': 'text/xml' }).end(document(server.url));
    else response.writeHead(404).end();
  });
  return server;
}
const envelope = (body: string, uri = 'http://schemas.xmlsoap.org/soap/envelope/'): string =>
  `<e:Envelope xmlns:e="${uri}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><e:Body>${body}</e:Body></e:Envelope>`;
const sent = (server: TestServer): string | undefined =>
  /<soap:Body>(.*)<\/soap:Body>/s.exec(server.received.findLast(({ method }) => method === 'POST')!.body.toString())?.[1];

const rpcWsdl = (
  url: string,
): string => `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"
  xmlns:t="urn:cep" targetNamespace="urn:cep"><message name="in"><part name="cep" type="x"/><part name="uf" type="x"/></message>
  <portType name="T"><operation name="consulta"><input message="t:in"/></operation></portType>
  <binding name="B" type="t:T"><s:binding style="rpc"/><operation name="consulta"><s:operation soapAction=""/>
    <input><s:body use="literal" namespace="urn:cep:v2"/></input></operation></binding>
  <service name="S"><port name="P" binding="t:B"><s:address location="${url}/call"/></port></service></definitions>`;

test('an rpc service gets its method as the element and its parts in their order', async () => {
  const server = await serveSoap(
    { '/svc?wsdl': rpcWsdl },
    envelope('<r:consultaResponse xmlns:r="urn:cep"><return>Centro</return></r:consultaResponse>'),
  );
  const ask = (body: never) => bot.run('SOAP', { address: `${server.url}/svc`, method: 'consulta', body });
  expect(await ask({ uf: 'SP', cep: '01001000' } as never)).toEqual({ return: 'Centro' });
  expect(sent(server)).toBe('<m:consulta xmlns:m="urn:cep:v2"><cep>01001000</cep><uf>SP</uf></m:consulta>');
  expect(server.received.at(-1)).toMatchObject({
    url: '/call',
    headers: { soapaction: '""', 'idempotency-key': 'conversation:7:1' },
  });
  await ask('01001000' as never);
  expect(sent(server)).toBe('<m:consulta xmlns:m="urn:cep:v2"><cep>01001000</cep></m:consulta>');
  // The description is read once.
  expect(server.received.filter(({ method }) => method === 'GET')).toHaveLength(1);
  await server.close();
});

test('a description in parts is put together, SOAP 1.2 spoken where there is nothing else', async () => {
  const soap12 = 'http://www.w3.org/2003/05/soap-envelope';
  const main =
    (): string => `<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:i="urn:impl" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap12/"
    targetNamespace="urn:impl"><w:import namespace="urn:api" location="api.wsdl"/><w:service name="S"><w:port name="P" binding="i:B">
    <s:address location="/call"/></w:port></w:service></w:definitions>`;
  const absolute = (url: string): string => main().replace('"/call"', `"${url}/call"`);
  const api =
    (): string => `<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/" xmlns:a="urn:api" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap12/" targetNamespace="urn:api">
    <w:types><x:schema xmlns:x="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:api"><x:include schemaLocation="types.xsd"/></x:schema></w:types>
    <w:message name="M"><w:part name="p" element="a:Ask"/></w:message>
    <w:portType name="T"><w:operation name="ask"><w:input message="a:M"/></w:operation></w:portType>
    <w:binding name="B" type="a:T"><s:binding/><w:operation name="ask"><s:operation soapAction="urn:ask"/></w:operation></w:binding></w:definitions>`;
  const types =
    (): string => `<x:schema xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:a="urn:api" targetNamespace="urn:api" elementFormDefault="qualified">
    <x:element name="Ask" type="a:AskType"/><x:complexType name="AskType"><x:sequence><x:element name="b"/><x:element name="a"/></x:sequence></x:complexType></x:schema>`;
  const server = await serveSoap(
    { '/x/svc.wsdl': absolute, '/x/api.wsdl': api, '/x/types.xsd': types },
    envelope('<Out n="1">x</Out>', soap12),
  );
  expect(await bot.run('SOAP', { address: `${server.url}/x/svc.wsdl`, method: 'ask', body: { a: 1, b: [2, 3] } })).toEqual({
    n: '1',
    value: 'x',
  });
  expect(sent(server)).toBe('<Ask xmlns="urn:api"><b>2</b><b>3</b><a>1</a></Ask>');
  expect(server.received.at(-1)!.headers['content-type']).toBe('application/soap+xml; charset=utf-8; action="urn:ask"');
  await server.close();
});

test('without a description the method is sent as it is, with a namespace when it is written with one', async () => {
  const server = await serveSoap(
    {},
    envelope('<r><a xsi:nil="true"/><n xsi:type="xsd:int">5</n><yes xsi:type="xsd:boolean">1</yes></r>'),
  );
  expect(await bot.run('SOAP', { address: server.url, method: 'Do', body: { a: { '@id': 1, b: true } } })).toEqual({
    a: null,
    n: 5,
    yes: true,
  });
  expect(sent(server)).toBe('<Do><a id="1"><b>true</b></a></Do>');
  await bot.run('SOAP', { address: server.url, method: 'http://tempuri.org/Do', body: { a: 1 } });
  expect([sent(server), server.received.at(-1)!.headers['soapaction']]).toEqual([
    '<Do xmlns="http://tempuri.org/"><a>1</a></Do>',
    '"http://tempuri.org/Do"',
  ]);
  await bot.run('SOAP', { address: server.url, method: 'Do', body: '<x:Own xmlns:x="urn:x"/>' });
  expect(sent(server)).toBe('<x:Own xmlns:x="urn:x"/>');
  await server.close();
});

test('values cannot break out of their element', async () => {
  const server = await serveSoap({}, envelope('<r/>'));
  await bot.run('SOAP', { address: server.url, method: 'Do', body: { a: '</a><b>&"\u0000\u000b' } });
  expect(sent(server)).toBe('<Do><a>&lt;/a&gt;&lt;b&gt;&amp;&quot;</a></Do>');
  for (const name of ['a><b', 'a b', '', '1a', 'a:b:c'])
    await expect(bot.run('SOAP', { address: server.url, method: 'Do', body: { [name]: 1 } }), name).rejects.toThrow(
      /name in XML/,
    );
  await server.close();
});

test.each([
  [
    '<e:Fault><e:Code><e:Value>e:Sender</e:Value></e:Code><e:Reason><e:Text>bad id</e:Text></e:Reason></e:Fault>',
    'fault: bad id',
  ],
  ['<e:Fault><faultcode>e:Server</faultcode><faultstring>down</faultstring></e:Fault>', 'fault: down'],
])('faults of both versions are understood: %#', async (fault, said) => {
  const server = await serveSoap({}, envelope(fault), 500);
  await expect(bot.run('SOAP', { address: server.url, method: 'Do' })).rejects.toThrow(said);
  await server.close();
});

test('an answer that is no envelope, or an envelope full of entities, is an error', async () => {
  const bomb = `<!DOCTYPE e [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>${envelope('<r>&a;&b;</r>')}`;
  for (const [answer, status, said] of [
    ['<html>hello</html>', 200, /no SOAP envelope/],
    ['<html><p>broken', 200, /no XML/],
    ['<html><p>broken', 500, /answered 500: broken/],
    [bomb, 200, /no XML/],
  ] as const) {
    const server = await serveSoap({}, answer, status);
    await expect(bot.run('SOAP', { address: server.url, method: 'Do' }), answer).rejects.toThrow(said);
    await server.close();
  }
});
