import type { App } from './server.ts';

interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly { name: string; in: string; required?: boolean; schema?: object }[];
  readonly requestBody?: { content?: Record<string, { schema?: object }> };
  readonly responses?: Record<string, { content?: Record<string, { schema?: object }> }>;
}

/** The description of the API for programs, and the same as a page for people: no script, one request. */
export function docsRoutes(app: App): void {
  let page: string | undefined;
  app.get('/openapi.json', { config: { isPublic: true }, schema: { hide: true } }, async () => app.swagger());
  app.get('/docs', { config: { isPublic: true }, schema: { hide: true } }, async (_request, reply) => {
    page ??= render(app.swagger() as unknown as Document);
    reply.header('content-type', 'text/html; charset=utf-8');
    reply.header(
      'content-security-policy',
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    );
    return page;
  });
}

interface Document {
  readonly info: { title: string; description?: string };
  readonly paths: Record<string, Record<string, Operation>>;
}

function render(document: Document): string {
  const byTag = new Map<string, string[]>();
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const tag = operation.tags?.[0] ?? 'Other';
      byTag.set(tag, [...(byTag.get(tag) ?? []), renderOperation(path, method, operation)]);
    }
  }
  const nav = [...byTag.keys()].map((tag) => `<a href="#${html(tag)}">${html(tag)}</a>`).join(' ');
  const sections = [...byTag].map(([tag, items]) => `<h2 id="${html(tag)}">${html(tag)}</h2>${items.join('')}`).join('');
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${html(document.info.title)}</title><style>${style}</style>
<main><h1>${html(document.info.title)}</h1><p>${html(document.info.description ?? '')}
The same as <a href="openapi.json">OpenAPI 3.1</a>.</p>
<p>Programs send <code>Authorization: Bearer &lt;token&gt;</code>; <code>POST /api/sessions</code> gives one. Errors are
<code>{"code", "message", "retryable", "retryAfterMs"?}</code>; codes are stable.</p><nav>${nav}</nav>${sections}</main></html>`;
}

function renderOperation(path: string, method: string, operation: Operation): string {
  const parameters = (operation.parameters ?? [])
    .map((p) => `<li><code>${html(p.name)}</code> in ${html(p.in)}${p.required ? '' : ', optional'}</li>`)
    .join('');
  const body = operation.requestBody?.content?.['application/json']?.schema;
  const answer = operation.responses?.['200']?.content?.['application/json']?.schema;
  return `<details><summary><b class="${html(method)}">${html(method.toUpperCase())}</b> <code>${html(path)}</code> ${html(operation.summary ?? '')}</summary>
${parameters ? `<ul>${parameters}</ul>` : ''}${renderSchema('Body', body)}${renderSchema('Answer', answer)}</details>`;
}

function renderSchema(title: string, schema: object | undefined): string {
  return schema ? `<h4>${title}</h4><pre>${html(JSON.stringify(schema, null, 2))}</pre>` : '';
}

function html(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

const style = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui;margin:0}main{max-width:60rem;margin:auto;padding:1rem}
nav a{margin-right:1rem}details{border:1px solid #8884;border-radius:8px;margin:.5rem 0;padding:.5rem .75rem}summary{cursor:pointer}
pre{overflow:auto;background:#8881;padding:.75rem;border-radius:8px;font-size:13px}b{display:inline-block;min-width:4.5rem}h4{margin:.75rem 0 .25rem}`;
