import { listUsers, readSnapshot, updateUser } from 'gb-core';
import { ErrorSchema, SnapshotSchema, UserAdminPatchBody, UserParams, UserSchema, UsersSchema } from 'gb-protocol/schemas';
import type { ApiOptions } from '../../options.ts';
import { requireActor } from '../auth.ts';
import type { App } from '../server.ts';

const tags = ['Workspace'];
const errors = { '4xx': ErrorSchema, '5xx': ErrorSchema };

export function workspaceRoutes(app: App, { ctx }: ApiOptions): void {
  app.get(
    '/snapshot',
    { schema: { tags, summary: 'Everything I can see, at one instant', response: { 200: SnapshotSchema, ...errors } } },
    async (request) => readSnapshot(ctx, requireActor(request)),
  );
  app.get(
    '/users',
    { schema: { tags, summary: 'People and bots', response: { 200: UsersSchema, ...errors } } },
    async (request) => ({
      users: await listUsers(ctx, requireActor(request)),
    }),
  );
  app.patch(
    '/users/:userId',
    {
      schema: {
        tags,
        summary: "Change somebody's role, let them in or out",
        params: UserParams,
        body: UserAdminPatchBody,
        response: { 200: UserSchema, ...errors },
      },
    },
    async (request) => updateUser(ctx, requireActor(request), request.params.userId, request.body),
  );
}
