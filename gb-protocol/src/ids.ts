/** Ids are UUIDv7 text, branded so that a channel id cannot be passed for a user id. */
type Brand<T extends string> = string & { readonly __id: T };

export type CustomerId = Brand<'Customer'>;
export type OrganizationId = Brand<'Organization'>;
export type InstanceId = Brand<'Instance'>;
export type UserId = Brand<'User'>;
export type SessionId = Brand<'Session'>;
export type ChannelId = Brand<'Channel'>;
export type BotId = Brand<'Bot'>;
export type ProgramId = Brand<'Program'>;
export type ConversationId = Brand<'Conversation'>;
export type FileId = Brand<'File'>;
/** Made by the client for one action; the server answers the same action sent twice with the first result. */
export type ClientId = Brand<'Client'>;
/** The place of an entry in its channel's log: 1, 2, 3, ... without holes. */
export type Seq = number;
