import type { Tx } from 'gb-core';
import type { ChannelId, InstanceId, OrganizationId } from 'gb-protocol';
import { assert } from 'gb-utils';
import { time } from './connection.ts';
import { botLogRepository } from './repositories/bot-log.ts';
import { botRepository } from './repositories/bots.ts';
import { channelRepository } from './repositories/channels.ts';
import { conversationRepository } from './repositories/conversations.ts';
import { invitationRepository } from './repositories/invitations.ts';
import { logRepository } from './repositories/log.ts';
import { messageRepository } from './repositories/messages.ts';
import { sessionRepository } from './repositories/sessions.ts';
import { userRepository } from './repositories/users.ts';
import type { Scope } from './scope.ts';

export function openTx(scope: Scope): Tx {
  const { sql, customerId, nowMs } = scope;
  return {
    instance: {
      async get() {
        const row = await sql.row<{
          instance_id: InstanceId;
          organization_id: OrganizationId;
          name: string;
          organization_name: string;
          log_channel_id: ChannelId;
        }>(
          `select i.instance_id, i.organization_id, i.name, o.name as organization_name, c.channel_id as log_channel_id
           from instances i
           join organizations o on o.customer_id = i.customer_id and o.organization_id = i.organization_id
           join channels c on c.customer_id = i.customer_id and c.instance_id = i.instance_id and c.kind = 'instance'
           where i.customer_id = $1 order by i.created_at, i.instance_id limit 1`,
          [customerId],
        );
        assert(row, 'a customer has an instance, and the instance its log');
        return {
          id: row.instance_id,
          organizationId: row.organization_id,
          name: row.name,
          organizationName: row.organization_name,
          logChannelId: row.log_channel_id,
        };
      },
    },
    users: userRepository(scope),
    sessions: sessionRepository(scope),
    invitations: invitationRepository(scope),
    channels: channelRepository(scope),
    messages: messageRepository(scope),
    log: logRepository(scope),
    bots: botRepository(scope),
    botLog: botLogRepository(scope),
    conversations: conversationRepository(scope),
    audit: {
      async write(entry) {
        await sql.change(
          'insert into audit_entries (customer_id, at, actor_id, action, target, facts) values ($1, $2, $3, $4, $5, $6)',
          [customerId, time(nowMs), entry.actorId, entry.action, entry.target, JSON.stringify(entry.facts)],
        );
      },
    },
  };
}
