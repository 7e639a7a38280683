/**
 * Names a host gives values to before a program starts: those of ours for a person's message, for tools, webhooks and
 * triggers, and those that programs written for General Bots expect. A program that reads one of them has forgotten
 * nothing.
 */
export const hostNames: ReadonlySet<string> = new Set(
  (
    'username handle role locale channel message user user_id userid user_name mobile phone email id from to name today now time date ' +
    'headers params query body method host path url admin enter aadentitle bot bot_id botid bot_name session session_id ' +
    'instance data event row item text input answer args result error err status response payload files file attachment attachments ' +
    'subject sender cc recipient reply_to sent_at message_id body_file folder language lang theme title'
  )
    .toUpperCase()
    .split(' '),
);
