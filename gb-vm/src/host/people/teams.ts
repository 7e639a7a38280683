import { botActor, checkChannelName, findPerson, joinAll, makeChannelIn, type PlainValue, type TurnScope } from 'gb-core';
import type { Me, UserId } from 'gb-protocol';
import type { InTurnOperation } from '../operation.ts';
import { channelOf, namesOf, textArg, wordOf, wrong } from './values.ts';

const membersMax = 100;

/** Teams are private channels; the bot is in those it makes, and adds people only where it is. The directory is everybody's. */
export const teamOperations: Readonly<Record<string, InTurnOperation>> = {
  async 'CREATE TEAM'(args, scope) {
    const name = checkChannelName(textArg(args['name'], { en: 'the name', pt: 'o nome' }, 200));
    if (await scope.tx.channels.byName(name)) throw wrong(`there is a channel #${name} already`, `já existe um canal #${name}`);
    const members = await membersOf(scope, args['members']);
    const { entries } = await makeChannelIn(scope.tx, scope, { kind: 'private', name, members: [scope.botUserId, ...members] });
    scope.record(entries);
    return `#${name}`;
  },

  async 'ADD MEMBER'(args, scope) {
    const team = textArg(args['team'], { en: 'the team', pt: 'a equipe' }, 200);
    const channelId = await channelOf(scope, team);
    if (!channelId) throw wrong(`the bot is in no channel ${team}`, `o robô não está em um canal ${team}`);
    const members = await membersOf(scope, args['person']);
    scope.record(await joinAll(scope.tx, botActor(scope), channelId, members));
    return null;
  },

  'USER OF': async (args, scope) => userOf(await findPerson(scope.tx, wordOf(args['person']))),
};

async function membersOf(scope: TurnScope, value: PlainValue | undefined): Promise<readonly UserId[]> {
  const names = namesOf(value);
  if (names.length > membersMax)
    throw wrong(`a team has ${membersMax} people at most`, `uma equipe tem no máximo ${membersMax} pessoas`);
  const ids: UserId[] = [];
  for (const name of names) ids.push((await findPerson(scope.tx, name)).id);
  return ids;
}

export function userOf({ name, handle, email, role, locale }: Me): PlainValue {
  return { name, handle, email, role, locale };
}
