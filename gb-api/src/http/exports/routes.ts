import { createExport, createExportLink, deleteExport, findExportFile, listExports } from 'gb-core';
import {
  DoneSchema,
  ErrorSchema,
  ExportLinkSchema,
  ExportParams,
  ExportSchema,
  ExportsSchema,
  NewExportBody,
} from 'gb-protocol/schemas';
import type { ApiOptions } from '../../options.ts';
import { requireActor } from '../auth.ts';
import { sendFile } from '../files/send-file.ts';
import type { App } from '../server.ts';

const tags = ['Exports'];
const errors = { '4xx': ErrorSchema, '5xx': ErrorSchema };
const params = ExportParams;

/** What was said, as a file to keep. */
export function exportRoutes(app: App, { ctx }: ApiOptions): void {
  app.get(
    '/exports',
    { schema: { tags, summary: 'My exports, the newest first', response: { 200: ExportsSchema, ...errors } } },
    async (request) => ({ exports: await listExports(ctx, requireActor(request)) }),
  );
  app.post(
    '/exports',
    {
      schema: {
        tags,
        summary: 'Ask for an export of a channel I am in, or of the workspace I own',
        body: NewExportBody,
        response: { 200: ExportSchema, ...errors },
      },
    },
    async (request) => createExport(ctx, requireActor(request), request.body),
  );
  app.get(
    '/exports/:exportId/file',
    { exposeHeadRoute: false, schema: { tags, summary: 'The zip file, for whoever asked for it', params } },
    async (request, reply) => {
      const actor = requireActor(request);
      const file = await findExportFile(ctx, actor, request.params.exportId);
      return sendFile(request, reply, { ctx, customerId: actor.customerId, file, isDownload: true });
    },
  );
  app.post(
    '/exports/:exportId/link',
    {
      schema: {
        tags,
        summary: 'A link to it for a day, without signing in',
        params,
        response: { 200: ExportLinkSchema, ...errors },
      },
    },
    async (request) => createExportLink(ctx, requireActor(request), request.params.exportId),
  );
  app.delete(
    '/exports/:exportId',
    { schema: { tags, summary: 'Let go of it, or stop it', params, response: { 200: DoneSchema, ...errors } } },
    async (request) => {
      await deleteExport(ctx, requireActor(request), request.params.exportId);
      return { ok: true as const };
    },
  );
}
