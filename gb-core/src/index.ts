export { AccessCache } from './access-cache.ts';
export { BotDispatcher, turnLimits } from './bots/dispatcher.ts';
export { type BotPackage, installPackage } from './bots/packages.ts';
export { BotPreviews } from './bots/preview.ts';
export { changePassword, logIn, signUp, updateMe } from './commands/accounts.ts';
export {
  addBotToChannel,
  createBot,
  publishBot,
  readBot,
  removeBotFromChannel,
  rollBackBot,
  updateBot,
} from './commands/bots.ts';
export { addMembers, joinChannel, removeMember } from './commands/change-members.ts';
export { createChannel } from './commands/create-channel.ts';
export { deleteMessage } from './commands/delete-message.ts';
export { editMessage } from './commands/edit-message.ts';
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
export { installPackages, repairWorkspace, seedWorkspace } from './commands/seed-workspace.ts';
export { authenticate, endSession, issueSession, listSessions } from './commands/sessions.ts';
export { setReaction } from './commands/set-reaction.ts';
export { updateChannel } from './commands/update-channel.ts';
export { updateUser } from './commands/users.ts';
export { type Actor, type Context, commit } from './context.ts';
export { DirectoryCache } from './directory-cache.ts';
export { fail, notFound, ProgramInvalid } from './fail.ts';
export { canSee, requireMember, requireSee } from './policies/channel.ts';
export { forGuest } from './policies/directory.ts';
export { isAdmin } from './policies/role.ts';
export type * from './ports/index.ts';
export { readBotConversations, readBotLog } from './queries/read-bot.ts';
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
