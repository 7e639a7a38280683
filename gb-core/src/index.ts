export { AccessCache } from './access-cache.ts';
export { AlarmClock } from './bots/alarm-clock.ts';
export { branchesOf, joinEvent, setBranches, valuesOf } from './bots/branches.ts';
export { tablesElsewhere, tablesInQuery } from './bots/connected-tables.ts';
export { ConversationRunner } from './bots/conversation-runner.ts';
export { BotDispatcher } from './bots/dispatcher.ts';
export { type Guest, guestsOf, guestTools, setGuests } from './bots/guests.ts';
export { approvalEvent, bold, handedEvent } from './bots/handover.ts';
export { botLine } from './bots/log-lines.ts';
export { OperationPerformer } from './bots/operation-performer.ts';
export { type BotExample, type BotPackage, installPackage } from './bots/packages.ts';
export { botActor, codeOf, findPerson, makeChannelIn, openDirectIn } from './bots/people.ts';
export { planOf } from './bots/plans.ts';
export { BotPreviews } from './bots/preview.ts';
export { buildVersion, publishVersion } from './bots/publish.ts';
export { newRunRow } from './bots/runs.ts';
export { sayHere } from './bots/say-here.ts';
export { sayToPerson } from './bots/say-to-person.ts';
export { askSchedule, dropSchedules, runSchedule } from './bots/schedules.ts';
export { keepUpBots, startBotUpkeep } from './bots/upkeep.ts';
export { changePassword, logIn, signUp, updateMe } from './commands/accounts.ts';
export { endBotConversation, migrateBotConversations, retryBotConversation } from './commands/bot-conversations.ts';
export { createBotFromExample, listBotExamples } from './commands/bot-examples.ts';
export { authenticateBotKey, createBotKey, type KeyHolder, listBotKeys, revokeBotKey } from './commands/bot-keys.ts';
export { listPackage, type PackedEntry, publishPackage } from './commands/bot-packages.ts';
export { awaitRun, beginRun, callTool, listTools, readRun, type ToolCaller, toolForm } from './commands/bot-runs.ts';
export { listBotSchedules, pauseBotSchedule, resumeBotSchedule, runBotSchedule } from './commands/bot-schedules.ts';
export {
  addBotToChannel,
  createBot,
  publishBot,
  readBot,
  removeBotFromChannel,
  rollBackBot,
  updateBot,
} from './commands/bots.ts';
export { callWebhook, requireWebhookRun, type WebhookPlace, type WebhookRequest } from './commands/call-webhook.ts';
export { changeBotConversation } from './commands/change-bot-conversation.ts';
export { addMembers, joinChannel, removeMember } from './commands/change-members.ts';
export {
  contactActor,
  openContact,
  postAsContact,
  readContactMessages,
  requireContact,
  toContactMessage,
} from './commands/contacts.ts';
export { checkChannelName, createChannel, joinAll } from './commands/create-channel.ts';
export { deleteMessage } from './commands/delete-message.ts';
export { forgetDevice, readDeviceCursors, saveDeviceCursors } from './commands/device-cursors.ts';
export { editMessage } from './commands/edit-message.ts';
export { createExport, createExportLink, deleteExport, findExportFile, listExports } from './commands/exports.ts';
export { discardUpload, findFile, type Upload, uploadFile } from './commands/files.ts';
export {
  acceptInvitation,
  createInvitation,
  listInvitations,
  previewInvitation,
  withdrawInvitation,
} from './commands/invitations.ts';
export { openDirect } from './commands/open-direct.ts';
export { postMessage } from './commands/post-message.ts';
export { markRead, markUnread, saveDraft, setNotifications } from './commands/private-state.ts';
export { expectMail, type MailEnvelope, type MailPlace, receiveMail } from './commands/receive-mail.ts';
export { installPackages, repairWorkspace, seedWorkspace } from './commands/seed-workspace.ts';
export { authenticate, endSession, issueSession, listSessions } from './commands/sessions.ts';
export { setReaction } from './commands/set-reaction.ts';
export { updateChannel } from './commands/update-channel.ts';
export { updateUser } from './commands/users.ts';
export {
  createWebhook,
  deleteWebhook,
  listWebhookDeliveries,
  listWebhooks,
  repeatWebhookDelivery,
  replaceWebhookSecret,
  testWebhook,
  updateWebhook,
} from './commands/webhooks.ts';
export { type Actor, type Context, commit } from './context.ts';
export { DirectoryCache } from './directory-cache.ts';
export { fail, notFound, ProgramInvalid } from './fail.ts';
export { createDrive, type DriveOwner } from './files/drive.ts';
export { partsOf } from './files/message-parts.ts';
export { createShareLink, openShareLink } from './files/share-link.ts';
export { startFileSweeps, sweepFiles } from './files/sweep-files.ts';
export { exportHandling, runExport } from './jobs/export-job.ts';
export { registerJobs } from './jobs/register.ts';
export { countTasks, listDeadTasks, retryDeadTask } from './jobs/tasks-admin.ts';
export { keepUpExports, startJobUpkeep } from './jobs/upkeep.ts';
export { WebhookFeed } from './jobs/webhook-feed.ts';
export { OperationFailed } from './operation-failed.ts';
export { canSee, requireMember, requireSee } from './policies/channel.ts';
export { forGuest } from './policies/directory.ts';
export { isAdmin } from './policies/role.ts';
export type * from './ports/index.ts';
export {
  batchBytesMax,
  cacheValueBytesMax,
  checkValue,
  customerKey,
  customerOfKey,
  keyBytesMax,
  nodeRoles,
  objectKey,
  taskBytesMax,
  taskKeyLengthMax,
  valueBytesMax,
  WebhookUnanswered,
} from './ports/index.ts';
export { TableRefused, tableLimits } from './ports/tables.ts';
export { readBotConversations, readBotLog, readBotLogo } from './queries/read-bot.ts';
export { readBotRows, readBotSettings, readBotTables, readBotTriggers } from './queries/read-bot-data.ts';
export { readBotConversation, readBotTurn, readBotTurns } from './queries/read-bot-turns.ts';
export {
  browseChannels,
  type PageInput,
  readChannel,
  readHistory,
  readLog,
  readMembers,
  readMessage,
  readMessages,
} from './queries/read-channel.ts';
export { listBots, listUsers, readSnapshot } from './queries/read-snapshot.ts';
export { MessageMeter } from './quotas/message-meter.ts';
export { networkOf } from './quotas/network.ts';
export { QuotaExceeded } from './quotas/quota-exceeded.ts';
export { defaultQuotas, type QuotaDefaults, type QuotaTable, readQuota, readQuotaDefaults } from './quotas/quota-table.ts';
export { startQuotaWarnings } from './quotas/quota-warnings.ts';
export { Quotas } from './quotas/quotas.ts';
export { defaultRates, type RateName, type RateTable, scaleRates } from './quotas/rate-table.ts';
export { Rates } from './quotas/rates.ts';
export { readUsage } from './quotas/read-usage.ts';
export { storable, timeOf, toColumn } from './table-values.ts';
export { isFinalFailure, reasonOf, retryPauseMs, taskAttemptsMax, taskPayload } from './task-attempts.ts';
