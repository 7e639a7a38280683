import type { Tx } from 'gb-core';
import type { ChannelId, InstanceId, OrganizationId } from 'gb-protocol';
import { assert } from 'gb-utils';
import { time } from './connection.ts';
import { botContactRepository } from './repositories/bot-contacts.ts';
import { botKeyRepository } from './repositories/bot-keys.ts';
import { botLogRepository } from './repositories/bot-log.ts';
import { botRepository } from './repositories/bots.ts';
import { channelRepository } from './repositories/channels.ts';
import { conversationRepository } from './repositories/conversations.ts';
import { exportRepository } from './repositories/exports.ts';
import { figureRepository } from './repositories/figures.ts';
import { fileRepository } from './repositories/files.ts';
import { approvalRepository, handoverRepository, peopleRepository } from './repositories/handovers.ts';
import { invitationRepository } from './repositories/invitations.ts';
import { journalRepository } from './repositories/journal.ts';
import { knowledgeRepository } from './repositories/knowledge.ts';
import { logRepository } from './repositories/log.ts';
import { memoryRepository } from './repositories/memories.ts';
import { messageRepository } from './repositories/messages.ts';
import { quotaRepository } from './repositories/quotas.ts';
import { scheduleRepository } from './repositories/schedules.ts';
import { secretAnswerRepository } from './repositories/secret-answers.ts';
import { sessionRepository } from './repositories/sessions.ts';
import { sheetRepository } from './repositories/sheets.ts';
import { tableRepository } from './repositories/tables.ts';
import { appointmentRepository, contactRepository, counterRepository, taskRepository } from './repositories/tasks.ts';
import { triggerRepository } from './repositories/triggers.ts';
import { userRepository } from './repositories/users.ts';
import { webhookRepository } from './repositories/webhooks.ts';
import type { Scope } from './scope.ts';

export function openTx(scope: Scope): Tx {
  const { sql, customerId, nowMs } = scope;
  async function secret(name: string): Promise<Uint8Array | null> {
    const row = await sql.row<{ value: Uint8Array }>('select value from customer_secrets where customer_id = $1 and name = $2', [
      customerId,
      name,
    ]);
    return row?.value ?? null;
  }
  return {
    instance: {
      async get() {
        const row = await sql.row<{
          instance_id: InstanceId;
          organization_id: OrganizationId;
          name: string;
          organization_name: string;
          log_channel_id: ChannelId;
          tier: string;
          calls_max: number | null;
        }>(
          `select i.instance_id, i.organization_id, i.name, o.name as organization_name, c.channel_id as log_channel_id,
             k.subscription_tier as tier, coalesce(
               (select q.most from quotas q where q.customer_id = $1 and q.quota = 'calls'),
               control.default_quota(k.subscription_tier, 'calls')) as calls_max
           from instances i
           join customers k on k.customer_id = i.customer_id
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
          tier: row.tier,
          callsMax: row.calls_max,
        };
      },
    },
    users: userRepository(scope),
    sessions: sessionRepository(scope),
    invitations: invitationRepository(scope),
    channels: channelRepository(scope),
    messages: messageRepository(scope),
    files: fileRepository(scope),
    log: logRepository(scope),
    bots: botRepository(scope),
    botLog: botLogRepository(scope),
    botKeys: botKeyRepository(scope),
    botContacts: botContactRepository(scope),
    conversations: conversationRepository(scope),
    knowledge: knowledgeRepository(scope),
    journal: journalRepository(scope),
    schedules: scheduleRepository(scope),
    triggers: triggerRepository(scope),
    people: peopleRepository(scope),
    tasks: taskRepository(scope),
    appointments: appointmentRepository(scope),
    handovers: handoverRepository(scope),
    approvals: approvalRepository(scope),
    contacts: contactRepository(scope),
    counters: counterRepository(scope),
    secrets: {
      get: (name) => secret(name),
      async getOrSet(name, fresh) {
        await sql.change('insert into customer_secrets (customer_id, name, value) values ($1, $2, $3) on conflict do nothing', [
          customerId,
          name,
          fresh,
        ]);
        const value = await secret(name);
        assert(value, 'a key that was just set is there');
        return value;
      },
    },
    secretAnswers: secretAnswerRepository(scope),
    quotas: quotaRepository(scope),
    webhooks: webhookRepository(scope),
    exports: exportRepository(scope),
    tables: tableRepository(scope),
    sheets: sheetRepository(scope),
    memories: memoryRepository(scope),
    figures: figureRepository(scope),
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
