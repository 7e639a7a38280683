/**
 * A process that is killed in the middle of a commit over several databases: at the step its argument names, by a signal
 * that leaves it no time for anything.
 */
import type { ChannelId, CustomerId, UserId } from 'gb-protocol';
import { assert } from 'gb-utils';
import type { PoolConfig } from 'pg';
import { openTestShardedStore } from '../../testing.ts';
import type { CommitStep } from '../two-phase.ts';

export interface DyingProcess {
  readonly step: CommitStep;
  readonly logins: readonly (readonly [name: string, logins: { readonly app: PoolConfig; readonly relay: PoolConfig }])[];
  readonly customerId: CustomerId;
  readonly owner: UserId;
  readonly channels: readonly ChannelId[];
}

const argument = process.argv[2];
assert(argument, 'an argument says what to do');
const { step, logins, customerId, owner, channels } = JSON.parse(argument) as DyingProcess;
const { store } = await openTestShardedStore(new Map(logins), {
  onCommitStep: (reached) => {
    if (reached === step) process.kill(process.pid, 'SIGKILL');
  },
});
await store.transaction(customerId, async (tx) => {
  await tx.users.update(owner, { name: `changed before ${step}` });
  await tx.log.append(
    channels.map((channelId) => ({ channelId, actorId: owner, body: { kind: 'member.joined', userId: owner } })),
  );
});
