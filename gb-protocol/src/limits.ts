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
  /** Channels in one `watch` frame. */
  watchedChannelsMax: 100,
  /** People of one channel of whom it is told whether they are here. */
  presenceNamedMax: 200,
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
  /** A growing answer is forgotten after this long without news. */
  streamingMs: 20_000,
  scriptBytesMax: 262_144,
  scriptsPerBotMax: 64,
  /** A bot's package: as a zip file, and everything in it together. */
  packageZipBytesMax: 52_428_800,
  packageBytesMax: 104_857_600,
  packageFilesMax: 2_000,
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
  /** Choices of one field of a form. */
  formChoicesMax: 100,
  /** Name of a form or of a field. */
  formNameMax: 80,
  /** Label, example or choice of a field. */
  formLabelMax: 300,
  /** One answer, in UTF-16 units. */
  formValueMax: 4_000,
  cardFactsMax: 20,
  cardButtonsMax: 10,
  /** Files of one customer, all together, where nothing else was set. */
  filesBytesPerCustomerMax: 5_368_709_120,
  /** Files of one bot with a path: in its drive, its data, its knowledge. */
  filesPerBotMax: 10_000,
  filePathMax: 400,
  /** A file that no message and no folder holds is removed after this long; one a bot made may be in its program's hands. */
  fileUnusedHoursMax: 24,
  botFileUnusedDaysMax: 30,
  uploadMsMax: 600_000,
  /** What a conversation keeps beside its program, as JSON. */
  conversationStateBytesMax: 65_536,
  /** What people said to a bot while it was busy. */
  conversationInboxMax: 20,
  /** Turns of one conversation that can be looked at and run again. */
  journalTurnsMax: 100,
  journalDaysMax: 30,
  /** Changes by hand that the journal of one conversation keeps, and variables in one of them. */
  journalEditsMax: 200,
  variableChangesMax: 50,
  variablePathMax: 500,
  /** What a run that ended gave back, and its turns, can be looked at for so long; of the runs of one bot so many. */
  runsKeptDaysMax: 7,
  runsKeptPerBotMax: 20_000,
  botKeysPerBotMax: 50,
  /** How a connector calls somebody. */
  contactIdMax: 200,
  idempotencyKeyMax: 200,
  /** How long a request waits for a message, and for the end of a run. */
  pollMsMax: 25_000,
  runWaitMsMax: 60_000,
  /** What a webhook is called with. */
  webhookBytesMax: 32_768,
  /** One mail for a script, as it travels: attachments encoded. */
  mailBytesMax: 26_214_400,
  /**
   * Lists and objects in one another, in what a program is given. Deeper data are refused where they come in: behind that
   * they are walked by recursion.
   */
  valueLevelsMax: 64,
  /** Conversations that go over to another version in one call. */
  migratedAtOnceMax: 50,
  /** Cursors in one `follow` frame of a connector. */
  streamFollowsMax: 500,
  /** Webhooks to other systems of one workspace. */
  webhooksMax: 20,
  webhookChannelsMax: 200,
  webhookAddressMax: 2_000,
  webhookDeliveriesKeptMax: 500,
  webhookDeliveriesDaysMax: 30,
  /** Exports under way of one person, and of one workspace. */
  exportsPerPersonMax: 1,
  exportsOpenMax: 3,
  exportBytesMax: 2_147_483_648,
  exportDaysMax: 7,
} as const;

export const protocolVersion = 1;
