import type { BotDetail } from 'gb-protocol';
import { CalendarClock, Code, KeyRound, MessagesSquare, Save, SlidersHorizontal, Table2, Wrench } from 'lucide-react';
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useMe } from '../app/client-context.tsx';
import { formatRoute, navigate, type StudioTab, useRoute } from '../app/router.ts';
import { Button } from '../design/button.tsx';
import { Notice } from '../design/notice.tsx';
import { Pane } from '../design/pane.tsx';
import { withoutReordering } from '../lib/safe-text.ts';
import { ChannelsMenu } from './channels-menu.tsx';
import { type CodeHandle, CodeView } from './code-view.tsx';
import { ConversationsView } from './conversations/conversations-view.tsx';
import { KeysView } from './keys-view.tsx';
import { PublishMenu } from './publish-menu.tsx';
import { SchedulesView } from './schedules-view.tsx';
import { isSettings } from './settings-file.ts';
import { SettingsView } from './settings-view.tsx';
import { TablesView } from './tables-view.tsx';
import { ToolsView } from './tools-view.tsx';
import { useDraft } from './use-draft.ts';
import { useLanguage } from './use-language.ts';
import { type StudioKey, useT } from './words/index.ts';

const tabs: readonly { readonly id: StudioTab | null; readonly label: StudioKey; readonly icon: ReactNode }[] = [
  { id: null, label: 'studio.tabCode', icon: <Code size={16} aria-hidden /> },
  { id: 'conversations', label: 'studio.tabConversations', icon: <MessagesSquare size={16} aria-hidden /> },
  { id: 'schedules', label: 'studio.tabSchedules', icon: <CalendarClock size={16} aria-hidden /> },
  { id: 'tables', label: 'studio.tabTables', icon: <Table2 size={16} aria-hidden /> },
  { id: 'tools', label: 'studio.tabTools', icon: <Wrench size={16} aria-hidden /> },
  { id: 'settings', label: 'studio.tabSettings', icon: <SlidersHorizontal size={16} aria-hidden /> },
  { id: 'keys', label: 'studio.tabKeys', icon: <KeyRound size={16} aria-hidden /> },
];

/** One bot: its code and the code running, and beside that all that is known of it where people talk to it. */
export function Workbench({ bot, onChange }: { bot: BotDetail; onChange: (bot: BotDetail) => void }) {
  const t = useT();
  const me = useMe();
  const route = useRoute();
  const tab = route.screen === 'studio' ? (route.tab ?? null) : null;
  const item = route.screen === 'studio' ? (route.item ?? null) : null;
  const turn = route.screen === 'studio' ? (route.turn ?? null) : null;
  const [run, setRun] = useState(1);
  const draft = useDraft(bot, onChange);
  const { isReadOnly, isDirty, isSaving } = draft;
  const scripts = useMemo(() => draft.files.filter(({ name }) => !isSettings(name)), [draft.files]);
  const language = useLanguage(scripts);
  const code = useRef<CodeHandle>(null);
  // What is known only of bots that people here manage.
  const shownTabs = isReadOnly || me.role === 'guest' ? tabs.filter(({ id }) => id === null || id === 'settings') : tabs;

  // On a phone the parts do not fit side by side: the one that is open is in sight.
  const nav = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another part is open
  useEffect(() => {
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [tab]);

  const restart = useCallback(() => setRun((n) => n + 1), []);
  const save = useCallback(async () => {
    const isSaved = await draft.save();
    if (isSaved) restart();
    return isSaved;
  }, [draft.save, restart]);

  const showLine = (file: string, line: number): void => {
    navigate({ screen: 'studio', botId: bot.id });
    requestAnimationFrame(() => code.current?.showLine(file, line));
  };

  return (
    <Pane
      title={withoutReordering(bot.name)}
      label={t('studio.title', { name: bot.name })}
      subtitle={
        <span role="status">
          @{bot.handle} ·{' '}
          {isReadOnly ? t('studio.readOnly') : isSaving ? t('studio.saving') : isDirty ? t('studio.unsaved') : t('studio.saved')}
        </span>
      }
      onClose={() => navigate({ screen: 'studio', botId: null })}
      takesFocus={false}
      className="workbench"
      actions={
        <div className="workbench-actions">
          <ChannelsMenu bot={bot} onChange={onChange} />
          {isReadOnly ? null : (
            <Button
              size="small"
              icon={<Save size={16} aria-hidden />}
              isDisabled={!isDirty}
              isPending={isSaving}
              onPress={() => void save()}
            >
              {t('common.save')}
            </Button>
          )}
          <PublishMenu bot={bot} hasErrors={!language.canRun} onSave={save} onChange={onChange} />
        </div>
      }
    >
      {draft.problem ? <Notice tone="danger">{draft.problem}</Notice> : null}
      <nav ref={nav} className="workbench-tabs" aria-label={t('studio.parts')}>
        {shownTabs.map(({ id, label, icon }) => {
          const to = { screen: 'studio', botId: bot.id, ...(id === null ? {} : { tab: id }) } as const;
          return (
            <a
              key={label}
              title={t(label)}
              href={formatRoute(to)}
              aria-current={id === tab ? 'page' : undefined}
              onClick={(event) => {
                if (event.metaKey || event.ctrlKey || event.shiftKey) return;
                event.preventDefault();
                navigate(to);
              }}
            >
              {icon}
              <span>{t(label)}</span>
            </a>
          );
        })}
      </nav>
      {/* It stays when something else is looked at: with it the caret, what can be undone, and the conversation beside it. */}
      <div className="workbench-page" hidden={tab !== null}>
        <CodeView
          bot={bot}
          draft={draft}
          language={language}
          run={run}
          onRun={restart}
          onSave={() => void save()}
          handle={code}
        />
      </div>
      {tab === 'conversations' ? <ConversationsView bot={bot} conversationId={item} turn={turn} onShow={showLine} /> : null}
      {tab === 'schedules' ? <SchedulesView bot={bot} onShow={showLine} /> : null}
      {tab === 'tables' ? <TablesView bot={bot} table={item} /> : null}
      {tab === 'tools' ? <ToolsView bot={bot} tool={item} /> : null}
      {tab === 'settings' ? <SettingsView draft={draft} /> : null}
      {tab === 'keys' ? <KeysView bot={bot} /> : null}
    </Pane>
  );
}
