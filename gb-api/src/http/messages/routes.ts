import { deleteMessage, editMessage, postMessage, readHistory, readMessage, readMessages, setReaction } from 'gb-core';
import {
  ChannelParams,
  DoneSchema,
  EditMessageBody,
  ErrorSchema,
  HistorySchema,
  MessageOnlySchema,
  MessagePageSchema,
  MessageParams,
  PageQuerystring,
  PostedSchema,
  PostMessageBody,
  ReactionParams,
} from 'gb-protocol/schemas';
import type { ApiOptions } from '../../options.ts';
import { requireActor } from '../auth.ts';
import type { App } from '../server.ts';

const tags = ['Messages'];
const errors = { '4xx': ErrorSchema, '5xx': ErrorSchema };
const done = { ok: true } as const;

export function messageRoutes(app: App, options: ApiOptions): void {
  const { ctx, rates } = options;
  const path = '/channels/:channelId/messages';

  app.get(
    path,
    {
      schema: {
        tags,
        summary: 'A page of messages, oldest first',
        params: ChannelParams,
        querystring: PageQuerystring,
        response: { 200: MessagePageSchema, ...errors },
      },
    },
    async (request) => readMessages(ctx, requireActor(request), request.params.channelId, request.query),
  );
  app.post(
    path,
    {
      schema: {
        tags,
        summary: 'Post a message; the same clientId again gives the first result',
        params: ChannelParams,
        body: PostMessageBody,
        response: { 200: PostedSchema, ...errors },
      },
    },
    async (request) => {
      const actor = requireActor(request);
      const { channelId } = request.params;
      await rates.message(actor.customerId, actor.userId, channelId);
      return postMessage(ctx, actor, channelId, request.body);
    },
  );
  app.get(
    `${path}/:seq`,
    { schema: { tags, summary: 'One message', params: MessageParams, response: { 200: MessageOnlySchema, ...errors } } },
    async (request) => {
      return { message: await readMessage(ctx, requireActor(request), request.params.channelId, request.params.seq) };
    },
  );
  app.patch(
    `${path}/:seq`,
    {
      schema: {
        tags,
        summary: 'Edit my message',
        params: MessageParams,
        body: EditMessageBody,
        response: { 200: DoneSchema, ...errors },
      },
    },
    async (request) => {
      await editMessage(ctx, requireActor(request), request.params.channelId, request.params.seq, request.body.text);
      return done;
    },
  );
  app.delete(
    `${path}/:seq`,
    { schema: { tags, summary: 'Delete a message', params: MessageParams, response: { 200: DoneSchema, ...errors } } },
    async (request) => {
      await deleteMessage(ctx, requireActor(request), request.params.channelId, request.params.seq);
      return done;
    },
  );
  app.get(
    `${path}/:seq/history`,
    { schema: { tags, summary: 'Its earlier texts', params: MessageParams, response: { 200: HistorySchema, ...errors } } },
    async (request) => {
      const history = await readHistory(ctx, requireActor(request), request.params.channelId, request.params.seq);
      return history;
    },
  );
  app.put(
    `${path}/:seq/reactions/:emoji`,
    { schema: { tags, summary: 'React', params: ReactionParams, response: { 200: DoneSchema, ...errors } } },
    async (request) => {
      await setReaction(ctx, requireActor(request), request.params.channelId, request.params.seq, request.params.emoji, true);
      return done;
    },
  );
  app.delete(
    `${path}/:seq/reactions/:emoji`,
    { schema: { tags, summary: 'Take a reaction back', params: ReactionParams, response: { 200: DoneSchema, ...errors } } },
    async (request) => {
      await setReaction(ctx, requireActor(request), request.params.channelId, request.params.seq, request.params.emoji, false);
      return done;
    },
  );
}
