import Type from 'typebox';
import { limits } from '../limits.ts';
import { AttachmentIds, FormAnswerSchema, Position, SeqNumber, Uuid } from './common.ts';

export const Cursor = Type.Object({ channelId: Uuid, epoch: Position, seq: Position });
const Cursors = Type.Array(Cursor, { maxItems: limits.subscribeChannelsMax });
const RequestId = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** What a client may send, by `type`. Fields that are not named here are ignored. */
export const clientFrameSchemas = {
  hello: Type.Object({
    type: Type.Literal('hello'),
    version: Type.Integer(),
    token: Type.Optional(Type.String({ maxLength: 200 })),
    client: Type.Optional(Type.String({ maxLength: 100 })),
    channels: Type.Optional(Cursors),
    rests: Type.Optional(Type.Boolean()),
  }),
  subscribe: Type.Object({ type: Type.Literal('subscribe'), id: RequestId, channels: Cursors }),
  unsubscribe: Type.Object({
    type: Type.Literal('unsubscribe'),
    channelIds: Type.Array(Uuid, { maxItems: limits.subscribeChannelsMax }),
  }),
  send: Type.Object({
    type: Type.Literal('send'),
    id: RequestId,
    channelId: Uuid,
    clientId: Uuid,
    text: Type.String(),
    threadSeq: Type.Optional(SeqNumber),
    attachmentIds: Type.Optional(AttachmentIds),
    formAnswer: Type.Optional(FormAnswerSchema),
    isSecret: Type.Optional(Type.Boolean()),
  }),
  typing: Type.Object({ type: Type.Literal('typing'), channelId: Uuid, threadSeq: Type.Optional(SeqNumber) }),
  presence: Type.Object({ type: Type.Literal('presence'), status: Type.Union([Type.Literal('online'), Type.Literal('away')]) }),
  watch: Type.Object({
    type: Type.Literal('watch'),
    channelIds: Type.Array(Uuid, { maxItems: limits.watchedChannelsMax }),
  }),
  ping: Type.Object({ type: Type.Literal('ping') }),
} as const;
