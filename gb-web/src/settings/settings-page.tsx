import {
  FileArchive,
  Gauge,
  KeyRound,
  Link,
  MonitorSmartphone,
  Palette,
  UserRound,
  UsersRound,
  Webhook,
  Wrench,
} from 'lucide-react';
import { lazy, type ReactNode, Suspense } from 'react';
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
import { UsageSection } from './usage-section.tsx';
import './settings.css';

const ExportsSection = lazy(() => import('../outgoing/exports-section.tsx').then((m) => ({ default: m.ExportsSection })));
const WebhooksSection = lazy(() => import('../outgoing/webhooks-section.tsx').then((m) => ({ default: m.WebhooksSection })));
const JobsSection = lazy(() => import('../outgoing/jobs-section.tsx').then((m) => ({ default: m.JobsSection })));

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
    ...(isAdmin(me) ? [{ id: 'usage' as const, label: t('settings.usage'), icon: <Gauge size={16} aria-hidden /> }] : []),
    ...(isFullMember(me)
      ? [{ id: 'exports' as const, label: t('settings.exports'), icon: <FileArchive size={16} aria-hidden /> }]
      : []),
    ...(isAdmin(me)
      ? [
          { id: 'webhooks' as const, label: t('settings.webhooks'), icon: <Webhook size={16} aria-hidden /> },
          { id: 'jobs' as const, label: t('settings.jobs'), icon: <Wrench size={16} aria-hidden /> },
        ]
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
          {section === 'usage' && isAllowed ? <UsageSection /> : null}
          <Suspense fallback={null}>
            {section === 'exports' && isAllowed ? <ExportsSection /> : null}
            {section === 'webhooks' && isAllowed ? <WebhooksSection /> : null}
            {section === 'jobs' && isAllowed ? <JobsSection /> : null}
          </Suspense>
          {isAllowed ? null : (
            <p className="soft row">
              <KeyRound size={16} aria-hidden />
              {t(
                section === 'invitations'
                  ? 'invite.membersOnly'
                  : section === 'exports'
                    ? 'settings.membersOnly'
                    : 'settings.adminsOnly',
              )}
            </p>
          )}
        </div>
      </div>
    </Pane>
  );
}
