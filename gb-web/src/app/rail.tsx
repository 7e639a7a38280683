import { Bot, LogOut, MessagesSquare, Moon, Search, Settings, Sun, UserPlus } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button as AriaButton } from 'react-aria-components';
import { Avatar } from '../design/avatar.tsx';
import { IconButton } from '../design/button.tsx';
import { Logo } from '../design/logo.tsx';
import { ActionMenu } from '../design/menu.tsx';
import { useT } from '../i18n/index.ts';
import { isFullMember } from '../lib/roles.ts';
import { useOverlay } from '../switcher/command-context.ts';
import { useMe, useOrganizationName, usePresenceOf } from './client-context.tsx';
import { modifierKey } from './keys.ts';
import { setPreferences, usePreferences } from './preferences.ts';
import { navigate, type Route, useRoute } from './router.ts';
import { useSessionControl } from './session-context.ts';
import { useIsPhone } from './use-media.ts';
import { useTask } from './use-task.ts';

/** The narrow column: places of the workspace above, oneself below. */
export function Rail() {
  const t = useT();
  const route = useRoute();
  const me = useMe();
  const organization = useOrganizationName();
  const openOverlay = useOverlay();
  const canInvite = isFullMember(me);
  const isAtMessages = route.screen === 'channel' || route.screen === 'home' || route.screen === 'browse';

  const place = (label: string, to: Route, icon: ReactNode, isActive: boolean) => (
    <IconButton label={label} isActive={isActive} onPress={() => navigate(to)}>
      {icon}
    </IconButton>
  );

  return (
    <nav className="rail" aria-label={t('rail.label')}>
      <div className="rail-mark" title={organization}>
        <Logo size={32} />
      </div>
      {place(t('rail.messages'), { screen: 'home' }, <MessagesSquare size={20} aria-hidden />, isAtMessages)}
      {place(t('rail.studio'), { screen: 'studio', botId: null }, <Bot size={20} aria-hidden />, route.screen === 'studio')}
      <IconButton label={t('rail.search')} shortcut={`${modifierKey}K`} onPress={() => openOverlay('switcher')}>
        <Search size={20} aria-hidden />
      </IconButton>
      {canInvite
        ? place(t('rail.invite'), { screen: 'invite' }, <UserPlus size={20} aria-hidden />, route.screen === 'invite')
        : null}
      <span className="rail-space" />
      {place(
        t('rail.settings'),
        { screen: 'settings', section: 'profile' },
        <Settings size={20} aria-hidden />,
        route.screen === 'settings',
      )}
      <MyMenu />
    </nav>
  );
}

/** My own face: presence, theme, profile, out. */
export function MyMenu() {
  const t = useT();
  const me = useMe();
  const presence = usePresenceOf(me.id);
  const { theme } = usePreferences();
  const { logOut } = useSessionControl();
  const leaving = useTask(logOut);
  const isPhone = useIsPhone();
  const canInvite = isFullMember(me);
  const isDark = theme === 'dark' || (theme === 'system' && window.matchMedia('(prefers-color-scheme: dark)').matches);
  return (
    <ActionMenu
      label={t('rail.me')}
      trigger={
        <AriaButton className="rail-me" aria-label={`${me.name}: ${t('rail.me')}`}>
          <Avatar user={me} size={36} presence={presence} />
        </AriaButton>
      }
      actions={[
        // On a phone there is no rail: its places are here.
        ...(isPhone
          ? [
              {
                id: 'studio',
                label: t('rail.studio'),
                icon: <Bot size={16} aria-hidden />,
                onAction: () => navigate({ screen: 'studio', botId: null }),
              },
            ]
          : []),
        ...(isPhone && canInvite
          ? [
              {
                id: 'invite',
                label: t('rail.invite'),
                icon: <UserPlus size={16} aria-hidden />,
                onAction: () => navigate({ screen: 'invite' }),
              },
            ]
          : []),
        {
          id: 'settings',
          label: t('rail.settings'),
          icon: <Settings size={16} aria-hidden />,
          onAction: () => navigate({ screen: 'settings', section: 'profile' }),
        },
        {
          id: 'theme',
          label: t(isDark ? 'rail.light' : 'rail.dark'),
          icon: isDark ? <Sun size={16} aria-hidden /> : <Moon size={16} aria-hidden />,
          onAction: () => setPreferences({ theme: isDark ? 'light' : 'dark' }),
        },
        {
          id: 'out',
          label: t('rail.logOut'),
          icon: <LogOut size={16} aria-hidden />,
          startsGroup: true,
          onAction: () => void leaving.run(),
        },
      ]}
    />
  );
}
