import { lazy, Suspense, useEffect, useState } from 'react';
import { ChannelScreen } from '../channel/channel-screen.tsx';
import { useT } from '../i18n/index.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import { CommandContext } from '../switcher/command-context.ts';
import { Switcher } from '../switcher/switcher.tsx';
import { useChannelIds, useOrganizationName } from './client-context.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { HomeRedirect } from './home-redirect.tsx';
import { PageTitle } from './page-title.tsx';
import { Rail } from './rail.tsx';
import { formatRoute, useRoute } from './router.ts';
import { SessionExpired } from './session-expired.tsx';
import { SideBar } from './side-bar.tsx';
import { StatusBanner } from './status-banner.tsx';
import { UnknownAddress } from './unknown-address.tsx';
import { useDesktopNotices } from './use-desktop-notices.ts';
import { useFocusKeeper } from './use-focus-keeper.ts';
import { useGlobalShortcuts } from './use-global-shortcuts.ts';
import { useRefusals } from './use-refusals.ts';

const NewChannelPage = lazy(() => import('../channel/new-channel-page.tsx').then((m) => ({ default: m.NewChannelPage })));
const NewMessagePage = lazy(() => import('../channel/new-message-page.tsx').then((m) => ({ default: m.NewMessagePage })));
const BrowsePage = lazy(() => import('../channel/browse-page.tsx').then((m) => ({ default: m.BrowsePage })));
const InvitePage = lazy(() => import('../settings/invite-page.tsx').then((m) => ({ default: m.InvitePage })));
const SettingsPage = lazy(() => import('../settings/settings-page.tsx').then((m) => ({ default: m.SettingsPage })));
const Studio = lazy(() => import('../studio/studio.tsx').then((m) => ({ default: m.Studio })));
const ShortcutList = lazy(() => import('../switcher/shortcut-list.tsx').then((m) => ({ default: m.ShortcutList })));

/** The workspace: rail, side bar, and the place the address names. On a phone one of them at a time. */
export function Shell({ isExpired }: { isExpired: boolean }) {
  const t = useT();
  const route = useRoute();
  const [overlay, setOverlay] = useState<'switcher' | 'shortcuts' | null>(null);
  const organization = useOrganizationName();
  const hasChannels = useChannelIds().length > 0;
  useGlobalShortcuts(setOverlay);
  useRefusals();
  useDesktopNotices();
  useFocusKeeper();

  // A phone shows the list at the home address; wider screens go straight to a channel.
  const isHome = route.screen === 'home';
  useEffect(() => {
    document.documentElement.dataset['place'] = isHome ? 'list' : route.screen === 'channel' && route.pane ? 'side' : 'main';
  }, [isHome, route]);

  return (
    <CommandContext value={setOverlay}>
      <div className="shell" inert={isExpired}>
        <a href="#main" className="skip-link">
          {t('shell.skip')}
        </a>
        <PageTitle />
        <Rail />
        <SideBar />
        <main className="shell-main" id="main" tabIndex={-1}>
          <h1 className="visually-hidden">{withoutReordering(organization)}</h1>
          <StatusBanner />
          <div className="shell-place">
            <ErrorBoundary resetKey={formatRoute(route)}>
              <Suspense fallback={null}>
                {route.screen === 'home' ? <HomeRedirect hasChannels={hasChannels} /> : null}
                {route.screen === 'channel' ? <ChannelScreen route={route} /> : null}
                {route.screen === 'new-channel' ? <NewChannelPage /> : null}
                {route.screen === 'new-message' ? <NewMessagePage /> : null}
                {route.screen === 'browse' ? <BrowsePage /> : null}
                {route.screen === 'invite' ? <InvitePage /> : null}
                {route.screen === 'settings' ? <SettingsPage section={route.section} /> : null}
                {route.screen === 'studio' ? <Studio key={route.botId ?? ''} botId={route.botId} /> : null}
                {route.screen === 'unknown' ? <UnknownAddress /> : null}
              </Suspense>
            </ErrorBoundary>
          </div>
        </main>
      </div>
      {isExpired ? <SessionExpired /> : null}
      {overlay === 'switcher' ? <Switcher onClose={() => setOverlay(null)} /> : null}
      {overlay === 'shortcuts' ? (
        <Suspense fallback={null}>
          <ShortcutList onClose={() => setOverlay(null)} />
        </Suspense>
      ) : null}
    </CommandContext>
  );
}
