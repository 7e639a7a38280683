import { Compass, Plus, Search, SquarePen } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from '../design/button.tsx';
import { useT } from '../i18n/index.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import { useOverlay } from '../switcher/command-context.ts';
import { useMe, useOrganizationName } from './client-context.tsx';
import { MyMenu } from './rail.tsx';
import { navigate } from './router.ts';
import { BotRows, ChannelRows, DirectRows } from './side-lists.tsx';

/** The frame of the side bar. Its lists redraw with every message somewhere; this does not. */
export function SideBar() {
  const t = useT();
  const me = useMe();
  const organization = useOrganizationName();
  const openOverlay = useOverlay();
  const isGuest = me.role === 'guest';

  return (
    <nav className="side-bar" aria-label={t('side.label')}>
      <header className="side-header">
        <div className="side-name truncate">{withoutReordering(organization)}</div>
        <span className="side-me">
          <IconButton label={t('rail.search')} onPress={() => openOverlay('switcher')}>
            <Search size={18} aria-hidden />
          </IconButton>
        </span>
        <IconButton label={t('side.newMessage')} onPress={() => navigate({ screen: 'new-message' })}>
          <SquarePen size={18} aria-hidden />
        </IconButton>
        <span className="side-me">
          <MyMenu />
        </span>
      </header>
      <div className="side-lists">
        <Section
          title={t('side.channels')}
          actions={
            <>
              <IconButton size="small" label={t('browse.title')} onPress={() => navigate({ screen: 'browse' })}>
                <Compass size={16} aria-hidden />
              </IconButton>
              {isGuest ? null : (
                <IconButton size="small" label={t('side.newChannel')} onPress={() => navigate({ screen: 'new-channel' })}>
                  <Plus size={16} aria-hidden />
                </IconButton>
              )}
            </>
          }
        >
          <ChannelRows />
        </Section>
        <Section
          title={t('side.directs')}
          actions={
            <IconButton size="small" label={t('side.newMessage')} onPress={() => navigate({ screen: 'new-message' })}>
              <Plus size={16} aria-hidden />
            </IconButton>
          }
        >
          <DirectRows />
        </Section>
        <Section
          title={t('side.bots')}
          actions={
            isGuest ? null : (
              <IconButton size="small" label={t('side.newBot')} onPress={() => navigate({ screen: 'studio', botId: 'new' })}>
                <Plus size={16} aria-hidden />
              </IconButton>
            )
          }
        >
          <BotRows />
        </Section>
      </div>
    </nav>
  );
}

function Section({ title, actions, children }: { title: string; actions: ReactNode; children: ReactNode }) {
  return (
    <section className="side-section">
      <header className="side-section-header">
        <h2>{title}</h2>
        {actions}
      </header>
      <ul>{children}</ul>
    </section>
  );
}
