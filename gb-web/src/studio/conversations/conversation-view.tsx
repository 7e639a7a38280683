import type { BotConversationDetail, BotConversationEdit, BotDetail, BotTurn, ConversationId, VariableChange } from 'gb-protocol';
import { ArrowLeft, Bug } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useClient } from '../../app/client-context.tsx';
import { navigate } from '../../app/router.ts';
import { showToast } from '../../app/toasts.tsx';
import { useLoaded } from '../../app/use-loaded.ts';
import { useTask } from '../../app/use-task.ts';
import { Button, IconButton } from '../../design/button.tsx';
import { Notice } from '../../design/notice.tsx';
import { useDates } from '../../i18n/dates.ts';
import { withoutReordering } from '../../lib/safe-text.ts';
import { DebugView } from '../debug/debug-view.tsx';
import type { Source } from '../debug/protocol.ts';
import { StudioPage, useRefresh } from '../studio-page.tsx';
import { useUndo } from '../use-undo.ts';
import { useT } from '../words/index.ts';
import { isOver, stateWords } from './state-words.ts';
import { Timeline } from './timeline.tsx';
import { TurnDetails } from './turn-details.tsx';
import { useWho } from './use-who.ts';

const pageSize = 50;

/** What is under the debugger; with the revision of the real conversation when it is a copy of where that stands. */
interface Opened {
  readonly title: string;
  readonly source: Source;
  readonly revision: number | null;
}

interface Loaded {
  readonly detail: BotConversationDetail;
  readonly turns: readonly BotTurn[];
  readonly edits: readonly BotConversationEdit[];
  readonly hasOlder: boolean;
}

/** One conversation: what happened turn by turn, where it stands, and both under the debugger. */
export function ConversationView({
  bot,
  conversationId,
  turn,
  onShow,
}: {
  bot: BotDetail;
  conversationId: ConversationId;
  turn: number | null;
  onShow: (file: string, line: number) => void;
}) {
  const t = useT();
  const client = useClient();
  const loaded = useLoaded(`${bot.id}:${conversationId}`, async (): Promise<Loaded> => {
    const [detail, page] = await Promise.all([
      client.rest.botConversation(bot.id, conversationId, { program: false }),
      client.rest.botTurns(bot.id, conversationId, { limit: pageSize }),
    ]);
    return { detail, turns: page.turns, edits: page.edits, hasOlder: page.hasOlder };
  });
  useRefresh(loaded.reload);
  const [older, setOlder] = useState<Omit<Loaded, 'detail'> | null>(null);
  const [source, setSource] = useState<Opened | null>(null);
  const { gone, later } = useUndo();

  const loading = useTask(async (before: number) => {
    const page = await client.rest.botTurns(bot.id, conversationId, { limit: pageSize, before });
    setOlder({
      turns: [...page.turns, ...(older?.turns ?? [])],
      edits: [...page.edits, ...(older?.edits ?? [])],
      hasOlder: page.hasOlder,
    });
  });
  const acting = useTask(async (what: 'retry' | 'move') => {
    if (what === 'retry') await client.rest.retryBotConversation(bot.id, conversationId);
    else {
      const { refused } = await client.rest.migrateBotConversations(bot.id, { conversationIds: [conversationId] });
      if (refused[0]) showToast(t('conversations.refused', { count: 1, reason: refused[0].reason }), { tone: 'danger' });
      else showToast(t('conversations.moved', { count: 1 }));
    }
    loaded.reload();
  });
  const debugging = useTask(async (number: number | null) => {
    if (number === null) {
      const { conversation, revision, snapshot, program } = await client.rest.botConversation(bot.id, conversationId);
      if (!program || snapshot === null) return showToast(t('debug.notKept'), { tone: 'danger' });
      // What was said last belongs on the screen, and the next turn finds what the last one found.
      const last = loaded.value?.turns.at(-1);
      const replies = (last?.output.replies ?? []).map(({ files: _, ...reply }) => reply);
      const variables = last?.input.variables ?? {};
      setSource({
        title: t('debug.now'),
        revision,
        source: { kind: 'waiting', program: { ...program, entry: conversation.script }, snapshot, variables, replies },
      });
      return;
    }
    const { turn: past, snapshot, program } = await client.rest.botTurn(bot.id, conversationId, number);
    if (!program) return showToast(t('debug.notKept'), { tone: 'danger' });
    const entry = loaded.value?.detail.conversation.script ?? 'start.bas';
    setSource({
      title: t('debug.turn', { turn: number }),
      revision: null,
      source: { kind: 'past', program: { ...program, entry }, snapshot, turn: past },
    });
  });

  // Another turn under the debugger is another program.
  // biome-ignore lint/correctness/useExhaustiveDependencies: going elsewhere ends it
  useEffect(() => setSource(null), [turn]);

  if (source) {
    const look = (): void => void debugging.run(null);
    const change = async (revision: number, changes: readonly VariableChange[]): Promise<void> => {
      await client.rest.changeBotConversation(bot.id, conversationId, { revision, changes });
      showToast(t('debug.changeRealDone'));
      loaded.reload();
      look();
    };
    const { revision } = source;
    const real = revision === null ? null : { look, change: (changes: readonly VariableChange[]) => change(revision, changes) };
    return <DebugView title={source.title} source={source.source} real={real} onClose={() => setSource(null)} />;
  }
  const select = (number: number | null): void =>
    navigate(
      {
        screen: 'studio',
        botId: bot.id,
        tab: 'conversations',
        item: conversationId,
        ...(number === null ? {} : { turn: number }),
      },
      { replace: true },
    );
  return (
    <StudioPage
      isWide
      loaded={loaded}
      isEmpty={() => false}
      empty={{ icon: null, title: '', text: '' }}
      problem={loading.problem ?? acting.problem ?? debugging.problem}
    >
      {({ detail, turns: newest, edits, hasOlder }) => {
        const first = newest[0]?.turn ?? 0;
        const turns = [...(older?.turns ?? []).filter((one) => one.turn < first), ...newest];
        const shown = turns.find((one) => one.turn === turn) ?? null;
        return (
          <>
            <Head
              bot={bot}
              detail={detail}
              isEnding={gone.has(conversationId)}
              isBusy={acting.isRunning}
              onAct={(what) => void acting.run(what)}
              onEnd={() =>
                later(
                  conversationId,
                  t('conversations.ended'),
                  () => client.rest.endBotConversation(bot.id, conversationId),
                  loaded.reload,
                )
              }
            />
            <div className="journal">
              <Timeline
                turns={turns}
                edits={[...(older?.edits ?? []).filter((one) => one.turn < first), ...edits]}
                selected={shown?.turn ?? null}
                hasOlder={older ? older.hasOlder : hasOlder}
                isLoading={loading.isRunning}
                onOlder={() => turns[0] && void loading.run(turns[0].turn)}
                onSelect={select}
              />
              {shown ? (
                <TurnDetails
                  turn={shown}
                  before={turns[turns.indexOf(shown) - 1]?.turn ?? null}
                  after={turns[turns.indexOf(shown) + 1]?.turn ?? null}
                  isBusy={debugging.isRunning}
                  onSelect={select}
                  onStep={() => void debugging.run(shown.turn)}
                  onShow={onShow}
                />
              ) : (
                <Now detail={detail} isBusy={debugging.isRunning} onLook={() => void debugging.run(null)} />
              )}
            </div>
          </>
        );
      }}
    </StudioPage>
  );
}

function Head({
  bot,
  detail,
  isEnding,
  isBusy,
  onAct,
  onEnd,
}: {
  bot: BotDetail;
  detail: BotConversationDetail;
  isEnding: boolean;
  isBusy: boolean;
  onAct: (what: 'retry' | 'move') => void;
  onEnd: () => void;
}) {
  const t = useT();
  const dates = useDates();
  const { conversation } = detail;
  const who = useWho(conversation);
  const isDone = isOver(conversation) || isEnding;
  return (
    <header className="row conversation-head">
      <IconButton
        label={t('conversations.back')}
        onPress={() => navigate({ screen: 'studio', botId: bot.id, tab: 'conversations' })}
      >
        <ArrowLeft size={18} aria-hidden />
      </IconButton>
      <div className="grow">
        <h3 className="truncate">{who}</h3>
        <p className="soft" role="status">
          {isEnding ? t('state.finished') : stateWords(conversation, t, dates)}
        </p>
      </div>
      {conversation.status === 'parked' ? (
        <Button size="small" isDisabled={isBusy} onPress={() => onAct('retry')}>
          {t('conversations.retry')}
        </Button>
      ) : null}
      {!conversation.isCurrent && !isDone && bot.publishedVersion !== null ? (
        <Button size="small" isDisabled={isBusy} onPress={() => onAct('move')}>
          {t('conversations.move', { version: bot.publishedVersion })}
        </Button>
      ) : null}
      {isDone ? null : (
        <Button size="small" tone="danger" isDisabled={isBusy} onPress={onEnd}>
          {t('conversations.end')}
        </Button>
      )}
    </header>
  );
}

/** Where it stands, and what it keeps beside its variables. */
function Now({ detail, isBusy, onLook }: { detail: BotConversationDetail; isBusy: boolean; onLook: () => void }) {
  const t = useT();
  const dates = useDates();
  const { conversation, request, inbox, state, snapshot } = detail;
  const keeps = Object.keys(state).length > 0;
  return (
    <section className="stack journal-turn" aria-label={t('journal.now')}>
      <div className="row">
        <h4 className="grow">{t('journal.now')}</h4>
        {snapshot === null ? null : (
          <Button size="small" icon={<Bug size={14} aria-hidden />} isPending={isBusy} onPress={onLook}>
            {t('journal.look')}
          </Button>
        )}
      </div>
      <p>{stateWords(conversation, t, dates)}</p>
      <dl className="facts">
        <div>
          <dt>{t('journal.script')}</dt>
          <dd>{withoutReordering(conversation.script)}</dd>
        </div>
        <div>
          <dt>{t('journal.turns')}</dt>
          <dd>{dates.number(conversation.turns)}</dd>
        </div>
        <div>
          <dt>{t('journal.updated')}</dt>
          <dd>{dates.full(conversation.updatedAt)}</dd>
        </div>
        <div>
          <dt>{t('journal.kept')}</dt>
          <dd>{t('journal.bytes', { count: conversation.snapshotBytes })}</dd>
        </div>
      </dl>
      {request ? (
        <div>
          <h5 className="section-title">{t('journal.asks', { name: request.name })}</h5>
          <pre className="debug-json">{withoutReordering(JSON.stringify(request.args, null, 2))}</pre>
        </div>
      ) : null}
      {inbox.length > 0 ? <Notice>{t('journal.inbox', { count: inbox.length })}</Notice> : null}
      {keeps ? (
        <details className="studio-details">
          <summary>{t('journal.state')}</summary>
          <pre className="debug-json">{withoutReordering(JSON.stringify(state, null, 2))}</pre>
        </details>
      ) : null}
    </section>
  );
}
