import { KeyRound, Link, MonitorSmartphone, Palette, UserRound, UsersRound } from 'lucide-react';
import type { ReactNode } from 'react';
import { useMe } from '../app/client-context.tsx';
import { formatRoute, navigate, type SettingsSection } from '../app/router.ts';
import { Pane } from '../design/pane.tsx';
import { useT } from '../i18n/index.ts';
import { isAdmin, isFullMember } from '../lib/roles.ts';
import { AppearanceSection } from './appearance-section.tsx';
import { InvitationsSection } from './invitations-section.tsx';
import { PeopleSection } from './people-section.tsx';
import { ProfileSection } from './profile-section.tsx';
import { SessionsSection } from './sessions-section.tsx';
import './settings.css';

export function SettingsPage({ section }: { section: SettingsSection }) {
  const t = useT();
  const me = useMe();
  const tabs: { id: SettingsSection; label: string; icon: ReactNode }[] = [
    { id: 'profile', label: t('settings.profile'), icon: <UserRound size={16} aria-hidden /> },
    { id: 'appearance', label: t('settings.appearance'), icon: <Palette size={16} aria-hidden /> },
    { id: 'sessions', label: t('settings.sessions'), icon: <MonitorSmartphone size={16} aria-hidden /> },
    ...(isAdmin(me) ? [{ id: 'people' as const, label: t('settings.people'), icon: <UsersRound size={16} aria-hidden /> }] : []),
    ...(isFullMember(me)
      ? [{ id: 'invitations' as const, label: t('settings.invitations'), icon: <Link size={16} aria-hidden /> }]
      : []),
  ];
  const isAllowed = tabs.some(({ id }) => id === section);

  return (
    <Pane title={t('rail.settings')} label={t('rail.settings')} onClose={() => navigate({ screen: 'home' })} takesFocus={false}>
      <div className="settings">
        <nav className="settings-tabs" aria-label={t('rail.settings')}>
          {tabs.map(({ id, label, icon }) => (
            <a
              key={id}
              href={formatRoute({ screen: 'settings', section: id })}
              aria-current={id === section ? 'page' : undefined}
              onClick={(event) => {
                if (event.metaKey || event.ctrlKey || event.shiftKey) return;
                event.preventDefault();
                navigate({ screen: 'settings', section: id }, { replace: true });
              }}
            >
              {icon}
              {label}
            </a>
          ))}
        </nav>
        <div className="settings-body">
          {section === 'profile' ? <ProfileSection /> : null}
          {section === 'appearance' ? <AppearanceSection /> : null}
          {section === 'sessions' ? <SessionsSection /> : null}
          {section === 'people' && isAllowed ? <PeopleSection /> : null}
          {section === 'invitations' && isAllowed ? <InvitationsSection /> : null}
          {isAllowed ? null : (
            <p className="soft row">
              <KeyRound size={16} aria-hidden />
              {t(section === 'invitations' ? 'invite.membersOnly' : 'settings.adminsOnly')}
            </p>
          )}
        </div>
      </div>
    </Pane>
  );
}
