import type { Role, User, UserId } from 'gb-protocol';
import { useState } from 'react';
import { useClient, useMe, useUsers } from '../app/client-context.tsx';
import { explain } from '../app/problem.ts';
import { showToast } from '../app/toasts.tsx';
import { Avatar } from '../design/avatar.tsx';
import { Button } from '../design/button.tsx';
import { SelectChoice } from '../design/choice.tsx';
import { Field } from '../design/field.tsx';
import { useT } from '../i18n/index.ts';
import { fuzzyFilter } from '../lib/fuzzy.ts';
import { withoutReordering } from '../lib/safe-text.ts';

type PersonRole = Exclude<Role, 'bot'>;
const shownMax = 300;

export function PeopleSection() {
  const t = useT();
  const users = useUsers();
  const [query, setQuery] = useState('');
  const people = [...users.values()]
    .filter(({ kind }) => kind === 'person')
    .sort((a, b) => Number(b.isActive) - Number(a.isActive) || a.name.localeCompare(b.name));
  const found = fuzzyFilter(query, people, ({ name, handle }) => [name, handle], shownMax);
  return (
    <div className="stack">
      <Field label={t('people.find')} value={query} onChange={setQuery} />
      <p className="soft" role="status">
        {t('people.count', { count: found.length })}
      </p>
      <ul className="list-card">
        {found.map((user) => (
          <PersonAdmin key={user.id} user={user} />
        ))}
      </ul>
    </div>
  );
}

function PersonAdmin({ user }: { user: User }) {
  const t = useT();
  const client = useClient();
  const me = useMe();
  const isOwner = me.role === 'owner';
  const canChange = user.id !== me.id && (isOwner || (user.role !== 'owner' && user.role !== 'admin'));
  const roles: PersonRole[] = isOwner
    ? ['owner', 'admin', 'member', 'guest']
    : user.role === 'owner' || user.role === 'admin'
      ? [user.role, 'member', 'guest']
      : ['member', 'guest'];

  const change = (
    id: UserId,
    patch: { role?: PersonRole; isActive?: boolean },
    undo?: { role?: PersonRole; isActive?: boolean },
  ): void => {
    client.rest.updateUser(id, patch).then(
      () => {
        if (!undo) return;
        showToast(t(patch.isActive === false ? 'people.wasDeactivated' : 'common.saved', { name: user.name }), {
          action: { label: t('common.undo'), run: () => change(id, undo) },
        });
      },
      (error: unknown) => showToast(explain(error, t), { tone: 'danger' }),
    );
  };

  return (
    <li className={`list-row person-admin${user.isActive ? '' : ' is-inactive'}`}>
      <Avatar user={user} />
      <span className="list-row-text">
        <span className="list-row-title truncate">
          {withoutReordering(user.name)} {user.id === me.id ? <span className="tag">{t('common.you')}</span> : null}
          {user.isActive ? null : <span className="tag">{t('people.deactivated')}</span>}
        </span>
        <span className="soft person-handle">@{user.handle}</span>
      </span>
      <SelectChoice
        label={t('people.roleOf', { name: user.name })}
        isLabelHidden
        value={user.role as PersonRole}
        isDisabled={!canChange || !user.isActive}
        options={roles.map((role) => ({ id: role, label: t(`role.${role}`) }))}
        onChange={(role) => role !== user.role && change(user.id, { role }, { role: user.role as PersonRole })}
      />
      <Button
        size="small"
        tone={user.isActive ? 'danger' : 'plain'}
        isDisabled={!canChange}
        aria-label={`${t(user.isActive ? 'people.deactivate' : 'people.activate')}: ${user.name}`}
        onPress={() => change(user.id, { isActive: !user.isActive }, { isActive: user.isActive })}
      >
        {t(user.isActive ? 'people.deactivate' : 'people.activate')}
      </Button>
    </li>
  );
}
