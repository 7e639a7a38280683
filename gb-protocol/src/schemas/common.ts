import Type from 'typebox';
import { limits } from '../limits.ts';

/** A JSON schema that stands for one of our own types: validation and documentation from the schema, typing from the type. */
export const as = <T>(schema: Type.TSchema) => Type.Unsafe<T>(schema);

export const Uuid = Type.String({
  pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
  description: 'UUID in lower case',
});
/** An id of the kind `T`. */
export const Id = <T extends string>() => Type.Unsafe<T>(Uuid);
/** A place in a log. Sequence numbers stay far below 2^53, so a JSON number holds them exactly. */
export const SeqNumber = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
export const Position = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
export const TimeMs = Type.Integer({ description: 'Milliseconds since 1970, server clock' });
export const LocaleName = Type.Enum(['en', 'pt-BR']);
export const RoleName = Type.Enum(['owner', 'admin', 'member', 'guest', 'bot']);
export const PersonRole = Type.Enum(['owner', 'admin', 'member', 'guest']);
export const Level = Type.Enum(['all', 'mentions', 'none']);
export const AttachmentIds = Type.Array(Uuid, { maxItems: limits.attachmentsPerMessageMax });
export const FormAnswerSchema = Type.Object({
  seq: SeqNumber,
  values: Type.Record(
    Type.String({ minLength: 1, maxLength: limits.formNameMax }),
    Type.Union([Type.String({ maxLength: limits.formValueMax }), Type.Number(), Type.Boolean(), Type.Null()]),
  ),
});
export const Password = Type.String({ maxLength: limits.passwordMax });

export const Nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
