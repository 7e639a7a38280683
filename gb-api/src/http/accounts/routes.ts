import { changePassword, endSession, fail, listSessions, logIn, signUp, updateMe } from 'gb-core';
import {
  DoneSchema,
  ErrorSchema,
  LogInBody,
  MeSchema,
  PasswordBody,
  SessionParams,
  SessionsSchema,
  SetupSchema,
  SignedInSchema,
  SignUpBody,
  UserPatchBody,
} from 'gb-protocol/schemas';
import type { ApiOptions } from '../../options.ts';
import { isSecure, requireActor, sendSession } from '../auth.ts';
import { cookieName } from '../origin.ts';
import type { App } from '../server.ts';

const tags = ['Accounts'];
const errors = { '4xx': ErrorSchema, '5xx': ErrorSchema };

export function accountRoutes(app: App, options: ApiOptions): void {
  const { ctx, rates } = options;
  const agent = (headers: { 'user-agent'?: string | undefined }) => headers['user-agent'] ?? '';
  // Once there is an organization there always is one: strangers must not make the server list them all each time.
  let isSetUp = false;
  const setup = async () => {
    isSetUp ||= (await ctx.store.listCustomers()).length > 0;
    return { needsSetup: !isSetUp, isOpen: options.isOpenSignUp };
  };

  app.get(
    '/setup',
    {
      config: { isPublic: true },
      schema: { tags, summary: 'Whether the server has its organization yet', response: { 200: SetupSchema, ...errors } },
    },
    setup,
  );
  app.post(
    '/signup',
    {
      config: { isPublic: true },
      schema: {
        tags,
        summary: 'Make an organization and its owner',
        body: SignUpBody,
        response: { 200: SignedInSchema, ...errors },
      },
    },
    async (request, reply) => {
      await rates.logIn(request.ip, 'signup');
      const { needsSetup, isOpen } = await setup();
      if (!needsSetup && !isOpen) throw fail('already_set_up', 'This server has its organization. Ask for an invitation.');
      return sendSession(request, reply, options, await signUp(ctx, request.body, agent(request.headers)));
    },
  );
  app.post(
    '/sessions',
    {
      config: { isPublic: true },
      schema: { tags, summary: 'Sign in', body: LogInBody, response: { 200: SignedInSchema, ...errors } },
    },
    async (request, reply) => {
      await rates.logIn(request.ip, request.body.email.trim().toLowerCase());
      const { email, password, customerId } = request.body;
      const input = { email, password, ...(customerId === undefined ? {} : { customerId }) };
      return sendSession(request, reply, options, await logIn(ctx, input, agent(request.headers)));
    },
  );
  app.get(
    '/sessions',
    { schema: { tags, summary: 'Where I am signed in', response: { 200: SessionsSchema, ...errors } } },
    async (request) => ({
      sessions: await listSessions(ctx, requireActor(request)),
    }),
  );
  app.delete(
    '/sessions/current',
    { schema: { tags, summary: 'Sign out', response: { 200: DoneSchema, ...errors } } },
    async (request, reply) => {
      const actor = requireActor(request);
      if (actor.sessionId) await endSession(ctx, actor, actor.sessionId);
      const secure = isSecure(request, options);
      // A browser ignores a `__Host-` cookie that is not secure, also one that takes it away.
      reply.clearCookie(cookieName(secure), { path: '/', httpOnly: true, sameSite: 'lax', secure });
      return { ok: true as const };
    },
  );
  app.delete(
    '/sessions/:sessionId',
    { schema: { tags, summary: 'End one of my sessions', params: SessionParams, response: { 200: DoneSchema, ...errors } } },
    async (request) => {
      await endSession(ctx, requireActor(request), request.params.sessionId);
      return { ok: true as const };
    },
  );
  app.patch(
    '/me',
    { schema: { tags, summary: 'Change my name or language', body: UserPatchBody, response: { 200: MeSchema, ...errors } } },
    async (request) => updateMe(ctx, requireActor(request), request.body),
  );
  app.put(
    '/me/password',
    { schema: { tags, summary: 'Change my password', body: PasswordBody, response: { 200: DoneSchema, ...errors } } },
    async (request) => {
      const actor = requireActor(request);
      await rates.logIn(request.ip, `password:${actor.userId}`);
      await changePassword(ctx, actor, request.body.current, request.body.next);
      return { ok: true as const };
    },
  );
}
