import { expect } from 'vitest';
import { type KeywordCase, textAt } from '../keyword-world.ts';

/** Other systems over the network. */
export const web: readonly KeywordCase[] = [
  {
    shows: ['GET'],
    scripts: `x = GET "\${api}/time"
TALK x.time
file = GET api + "/menu.txt"
TALK file
TRY
  x = GET "\${api}/missing"
CATCH e
  TALK e.message
END TRY`,
    says: ['12:00', 'green tea 10', /answered 404: \{"error":"no such tea"\}/],
  },
  {
    shows: ['POST', 'PUT', 'PATCH', 'DELETE HTTP', 'SET HEADER', 'CLEAR HEADERS'],
    scripts: `SET HEADER "Authorization" AS "Bearer 12"
SET HEADER X-Shop AS "7"
x = POST "\${api}/orders", {total: 30}
TALK x.method + " " + x.body.total + " " + x.headers.authorization + " " + x.headers["x-shop"]
CLEAR HEADERS
x = PUT "\${api}/orders/1", {total: 31}
TALK x.method + " " + x.body.total + " " + (x.headers.authorization IS NULL)
x = PATCH "\${api}/orders/1", {total: 32}
TALK x.method + " " + x.body.total
x = DELETE HTTP "\${api}/orders/1"
TALK x.method + " " + x.path`,
    says: ['POST 30 Bearer 12 7', 'PUT 31 true', 'PATCH 32', 'DELETE /orders/1'],
    async check({ peers }) {
      expect(peers.received[0]?.headers['idempotency-key']).toMatch(/./);
    },
  },
  {
    shows: ['GRAPHQL'],
    scripts:
      'x = GRAPHQL "${api}/graphql", "{ products { name } }", {first: 1}\nTALK x.products[0].name + " " + x.asked.variables.first',
    says: ['green tea 1'],
  },
  {
    shows: ['SOAP'],
    scripts: 'x = SOAP "${api}/soap?wsdl", "GetStock", {id: 21}\nTALK x.left',
    says: ['42'],
  },
  {
    shows: ['SET PAGE MODE', 'CONTINUATION TOKEN'],
    scripts: `x = GET "\${api}/teas"
TALK UBOUND(x.items)
TALK CONTINUATION TOKEN
SET PAGE MODE "auto"
names = ""
FOR EACH tea IN GET api + "/teas"
  names = names + tea.name + ";"
NEXT
TALK names
TALK (CONTINUATION TOKEN) IS NULL`,
    says: [/^[12]$/, /page=2/, 'tea 11;tea 12;tea 21;tea 22;tea 31;tea 32;', 'true'],
  },
  {
    shows: ['RSS'],
    scripts: 'news = RSS "${api}/feed.xml"\nTALK news[0].title + ": " + news[0].description\nTALK news[1].title',
    says: ['New teas: Fresh', 'Old teas'],
  },
  {
    shows: ['SCRAPE', 'SCRAPE ALL', 'SCRAPE TABLE'],
    scripts: `TALK SCRAPE "\${api}/site", "h1"
links = SCRAPE ALL "\${api}/site", "nav a"
TALK JOIN(links, ", ")
rows = SCRAPE TABLE "\${api}/site"
TALK rows[1].name + " " + rows[1].price`,
    says: ['Tea & more', 'Go on, Help', 'black 8'],
  },
  {
    shows: ['WEATHER', 'SEARCH PRODUCTS'],
    scripts: 'x = WEATHER "Recife"\nTALK x.place + ": " + x.sky\nfound = SEARCH PRODUCTS "green tea"\nTALK found[1].name',
    settings: ({ api }) => ({ 'weather-url': `${api}/weather`, 'products-url': `${api}/products` }),
    says: ['Recife: sunny', 'green tea two'],
  },
  {
    shows: ['USE ACCOUNT'],
    scripts: 'USE ACCOUNT "sales"\nSEND MAIL "ana@example.com", "Your order", "It is on its way."',
    settings: ({ smtp }) => ({ 'mail-sales-url': smtp, 'mail-sales-from': 'Sales <sales@shop.example>' }),
    async check({ peers }) {
      expect(peers.mails[0]?.from?.text).toContain('sales@shop.example');
    },
  },
  {
    shows: ['MCP'],
    scripts: 'x = MCP "crm", "find-customer", "Ana"\nTALK x.found',
    settings: ({ mcp }) => ({ 'mcp-crm-url': mcp }),
    says: ['Ana'],
  },
  {
    shows: ['DOWNLOAD'],
    scripts: 'file = DOWNLOAD "${api}/menu.txt" TO "menus/today.txt"\nTALK file.name + " " + file.size',
    says: ['today.txt 12'],
    async check(stage) {
      expect(await textAt(stage, 'menus/today.txt')).toBe('green tea 10');
    },
  },
];
