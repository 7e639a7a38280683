/** Every bound of the protocol, named with its unit. Both sides read this one list; `hello` repeats it on the wire. */
export const limits = {
  /** One WebSocket message from a client. */
  frameBytesMax: 65_536,
  /** One REST body, files aside. */
  bodyBytesMax: 131_072,
  /** Text of one message, in UTF-16 units. */
  messageTextMax: 16_000,
  channelNameMax: 80,
  channelTopicMax: 500,
  userNameMax: 80,
  emailMax: 254,
  passwordMin: 10,
  passwordMax: 256,
  organizationNameMax: 80,
  emojiMax: 32,
  reactionKindsPerMessageMax: 50,
  groupMembersMax: 9,
  /** Subscriptions of one connection. */
  subscriptionsMax: 5_000,
  /** Channels in one `subscribe` frame. */
  subscribeChannelsMax: 1_000,
  pageSizeMax: 200,
  pageSizeDefault: 50,
  /** Requests a connection may have unanswered. */
  requestsInFlightMax: 512,
  heartbeatMs: 15_000,
  /** A connection that says nothing for this long is closed. */
  silenceMsMax: 45_000,
  helloMsMax: 10_000,
  /** Unsent bytes of one socket above which live events stop and the client catches up from the log. */
  socketBacklogBytesMax: 262_144,
  /** A typing mark is forgotten after this long without another. */
  typingMs: 6_000,
  scriptBytesMax: 262_144,
  scriptsPerBotMax: 64,
  suggestionsMax: 12,
  draftTextMax: 16_000,
  /** Lines of one bot's log; older ones go as new ones come. */
  botLogLinesMax: 1_000,
  botLogDaysMax: 30,
  /** One file, sent by a person or made by a bot. */
  fileBytesMax: 26_214_400,
  fileNameMax: 200,
  attachmentsPerMessageMax: 10,
  formFieldsMax: 40,
  /** What a conversation keeps beside its program, as JSON. */
  conversationStateBytesMax: 65_536,
} as const;

export const protocolVersion = 1;
