import {
  addMembers,
  browseChannels,
  createChannel,
  joinChannel,
  markRead,
  markUnread,
  openDirect,
  readChannel,
  readLog,
  readMembers,
  removeMember,
  saveDraft,
  setNotifications,
  updateChannel,
} from 'gb-core';
import { compactEvent } from 'gb-protocol';
import {
  BrowseSchema,
  ChannelOnlySchema,
  ChannelParams,
  ChannelPatchBody,
  DoneSchema,
  DraftBody,
  ErrorSchema,
  LogPageSchema,
  LogQuerystring,
  MemberParams,
  MembershipAnswerSchema,
  MembersSchema,
  NewChannelBody,
  NotificationsBody,
  OpenedSchema,
  SeqBody,
  UserIdsBody,
} from 'gb-protocol/schemas';
import type { ApiOptions } from '../../options.ts';
import { requireActor } from '../auth.ts';
import type { App } from '../server.ts';

const tags = ['Channels'];
const errors = { '4xx': ErrorSchema, '5xx': ErrorSchema };
const done = { ok: true } as const;

export function channelRoutes(app: App, { ctx }: ApiOptions): void {
  app.get(
    '/channels',
    { schema: { tags, summary: 'Channels I can see', response: { 200: BrowseSchema, ...errors } } },
    async (request) => browseChannels(ctx, requireActor(request)),
  );
  app.post(
    '/channels',
    { schema: { tags, summary: 'Make a channel', body: NewChannelBody, response: { 200: OpenedSchema, ...errors } } },
    async (request) => ({
      state: await createChannel(ctx, requireActor(request), request.body),
    }),
  );
  app.post(
    '/direct',
    {
      schema: {
        tags,
        summary: 'Open the direct or group channel of these people',
        body: UserIdsBody,
        response: { 200: OpenedSchema, ...errors },
      },
    },
    async (request) => ({
      state: await openDirect(ctx, requireActor(request), request.body.userIds),
    }),
  );
  app.get(
    '/channels/:channelId',
    { schema: { tags, summary: 'One channel', params: ChannelParams, response: { 200: OpenedSchema, ...errors } } },
    async (request) => ({
      state: await readChannel(ctx, requireActor(request), request.params.channelId),
    }),
  );
  app.patch(
    '/channels/:channelId',
    {
      schema: {
        tags,
        summary: 'Rename, retitle, archive',
        params: ChannelParams,
        body: ChannelPatchBody,
        response: { 200: ChannelOnlySchema, ...errors },
      },
    },
    async (request) => ({ channel: await updateChannel(ctx, requireActor(request), request.params.channelId, request.body) }),
  );
  app.post(
    '/channels/:channelId/join',
    { schema: { tags, summary: 'Join a public channel', params: ChannelParams, response: { 200: OpenedSchema, ...errors } } },
    async (request) => ({
      state: await joinChannel(ctx, requireActor(request), request.params.channelId),
    }),
  );
  app.get(
    '/channels/:channelId/members',
    { schema: { tags, summary: 'Who is in it', params: ChannelParams, response: { 200: MembersSchema, ...errors } } },
    async (request) => ({
      members: await readMembers(ctx, requireActor(request), request.params.channelId),
    }),
  );
  app.post(
    '/channels/:channelId/members',
    {
      schema: { tags, summary: 'Add people', params: ChannelParams, body: UserIdsBody, response: { 200: DoneSchema, ...errors } },
    },
    async (request) => {
      await addMembers(ctx, requireActor(request), request.params.channelId, request.body.userIds);
      return done;
    },
  );
  app.delete(
    '/channels/:channelId/members/:userId',
    { schema: { tags, summary: 'Leave, or take somebody out', params: MemberParams, response: { 200: DoneSchema, ...errors } } },
    async (request) => {
      const actor = requireActor(request);
      const { channelId, userId } = request.params;
      await removeMember(ctx, actor, channelId, userId === 'me' ? actor.userId : userId);
      return done;
    },
  );
  app.get(
    '/channels/:channelId/log',
    {
      schema: {
        tags,
        summary: 'Entries after a cursor, to catch up',
        params: ChannelParams,
        querystring: LogQuerystring,
        response: { 200: LogPageSchema, ...errors },
      },
    },
    async (request) => {
      const page = await readLog(ctx, requireActor(request), request.params.channelId, request.query);
      return page.kind === 'events' ? { ...page, events: page.events.map(compactEvent) } : page;
    },
  );
  app.put(
    '/channels/:channelId/read',
    {
      schema: {
        tags,
        summary: 'I have read up to here',
        params: ChannelParams,
        body: SeqBody,
        response: { 200: MembershipAnswerSchema, ...errors },
      },
    },
    async (request) => ({ membership: await markRead(ctx, requireActor(request), request.params.channelId, request.body.seq) }),
  );
  app.put(
    '/channels/:channelId/unread',
    {
      schema: {
        tags,
        summary: 'From here on it is unread again',
        params: ChannelParams,
        body: SeqBody,
        response: { 200: MembershipAnswerSchema, ...errors },
      },
    },
    async (request) => ({ membership: await markUnread(ctx, requireActor(request), request.params.channelId, request.body.seq) }),
  );
  app.put(
    '/channels/:channelId/notifications',
    {
      schema: {
        tags,
        summary: 'What I want to be told of',
        params: ChannelParams,
        body: NotificationsBody,
        response: { 200: DoneSchema, ...errors },
      },
    },
    async (request) => {
      await setNotifications(ctx, requireActor(request), request.params.channelId, request.body.level);
      return done;
    },
  );
  app.put(
    '/channels/:channelId/draft',
    {
      schema: {
        tags,
        summary: 'Keep an unsent text',
        params: ChannelParams,
        body: DraftBody,
        response: { 200: DoneSchema, ...errors },
      },
    },
    async (request) => {
      await saveDraft(ctx, requireActor(request), request.params.channelId, request.body.threadSeq ?? null, request.body.text);
      return done;
    },
  );
}
