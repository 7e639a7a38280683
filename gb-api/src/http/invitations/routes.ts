import { acceptInvitation, createInvitation, listInvitations, previewInvitation, withdrawInvitation } from 'gb-core';
import {
  AcceptInvitationBody,
  CodeParams,
  DoneSchema,
  ErrorSchema,
  InvitationPreviewSchema,
  InvitationSchema,
  InvitationsSchema,
  NewInvitationBody,
  SignedInSchema,
} from 'gb-protocol/schemas';
import type { ApiOptions } from '../../options.ts';
import { requireActor, sendSession } from '../auth.ts';
import type { App } from '../server.ts';

const tags = ['Invitations'];
const errors = { '4xx': ErrorSchema, '5xx': ErrorSchema };

export function invitationRoutes(app: App, options: ApiOptions): void {
  const { ctx, rates } = options;
  app.post(
    '/invitations',
    {
      schema: {
        tags,
        summary: 'Make a link that lets people in',
        body: NewInvitationBody,
        response: { 200: InvitationSchema, ...errors },
      },
    },
    async (request) => createInvitation(ctx, requireActor(request), request.body),
  );
  app.get(
    '/invitations',
    { schema: { tags, summary: 'Invitations I made (administrators: all)', response: { 200: InvitationsSchema, ...errors } } },
    async (request) => ({
      invitations: await listInvitations(ctx, requireActor(request)),
    }),
  );
  app.delete(
    '/invitations/:code',
    { schema: { tags, summary: 'Withdraw an invitation', params: CodeParams, response: { 200: DoneSchema, ...errors } } },
    async (request) => {
      await withdrawInvitation(ctx, requireActor(request), request.params.code);
      return { ok: true as const };
    },
  );
  app.get(
    '/invitations/:code',
    {
      config: { isPublic: true },
      schema: {
        tags,
        summary: 'What an invitation leads to',
        params: CodeParams,
        response: { 200: InvitationPreviewSchema, ...errors },
      },
    },
    async (request) => {
      await rates.logIn(request.ip, 'invitation');
      return previewInvitation(ctx, request.params.code);
    },
  );
  app.post(
    '/invitations/:code/accept',
    {
      config: { isPublic: true },
      schema: {
        tags,
        summary: 'Join with an invitation',
        params: CodeParams,
        body: AcceptInvitationBody,
        response: { 200: SignedInSchema, ...errors },
      },
    },
    async (request, reply) => {
      await rates.logIn(request.ip, `accept:${request.body.email}`);
      const issued = await acceptInvitation(ctx, request.params.code, request.body, request.headers['user-agent'] ?? '');
      return sendSession(request, reply, options, issued);
    },
  );
}
