import type { BotDetail, BotTable, JsonObject, JsonValue } from 'gb-protocol';
import { RotateCcw, Table2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useClient } from '../app/client-context.tsx';
import { explain } from '../app/problem.ts';
import { formatRoute, navigate } from '../app/router.ts';
import { useLoaded } from '../app/use-loaded.ts';
import { Button, IconButton } from '../design/button.tsx';
import { Notice } from '../design/notice.tsx';
import { useDates } from '../i18n/dates.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import { StudioPage } from './studio-page.tsx';
import { useT } from './words/index.ts';

const pageSize = 100;

/** The tables of the bot with their rows, to be read. */
export function TablesView({ bot, table }: { bot: BotDetail; table: string | null }) {
  const t = useT();
  const dates = useDates();
  const client = useClient();
  const loaded = useLoaded(`${bot.id}:${bot.publishedVersion}`, async () => (await client.rest.botTables(bot.id)).tables);
  return (
    <StudioPage
      isWide
      loaded={loaded}
      isEmpty={(tables) => tables.length === 0}
      empty={{
        icon: <Table2 size={24} />,
        title: t('tables.emptyTitle'),
        text: (
          <>
            {t('tables.emptyText')}
            <code className="empty-code">{t('tables.example')}</code>
          </>
        ),
      }}
    >
      {(tables) => {
        const open = tables.find(({ name }) => name === table) ?? tables[0]!;
        return (
          <>
            <nav className="studio-chips" aria-label={t('studio.tabTables')}>
              {tables.map(({ name, rows }) => (
                <a
                  key={name}
                  href={formatRoute({ screen: 'studio', botId: bot.id, tab: 'tables', item: name })}
                  aria-current={name === open.name ? 'page' : undefined}
                  onClick={(event) => {
                    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
                    event.preventDefault();
                    navigate({ screen: 'studio', botId: bot.id, tab: 'tables', item: name }, { replace: true });
                  }}
                >
                  {withoutReordering(name)} <span className="soft">{dates.number(rows)}</span>
                </a>
              ))}
            </nav>
            <Rows key={open.name} bot={bot} table={open} onReload={loaded.reload} />
          </>
        );
      }}
    </StudioPage>
  );
}

function Rows({ bot, table, onReload }: { bot: BotDetail; table: BotTable; onReload: () => void }) {
  const t = useT();
  const client = useClient();
  const first = useLoaded(`${bot.id}:${table.name}`, () => client.rest.botTableRows(bot.id, table.name, { limit: pageSize }));
  const [more, setMore] = useState<{ rows: readonly JsonObject[]; hasMore: boolean } | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: read anew, the pages behind it are others
  useEffect(() => setMore(null), [first.value]);
  const page = first.value;
  if (!page) return first.error ? <Notice tone="danger">{explain(first.error, t)}</Notice> : null;
  const rows = [...page.rows, ...(more?.rows ?? [])];
  const hasMore = more?.hasMore ?? page.hasMore;
  const loadMore = async (): Promise<void> => {
    try {
      const next = await client.rest.botTableRows(bot.id, table.name, { limit: pageSize, offset: rows.length });
      setMore({ rows: [...(more?.rows ?? []), ...next.rows], hasMore: next.hasMore });
      setProblem(null);
    } catch (error) {
      setProblem(error);
    }
  };
  const types = new Map(table.columns.map(({ name, type }) => [name, type]));
  return (
    <section className="stack" aria-label={table.name}>
      <div className="row">
        <span className="soft grow">{t('tables.count', { count: table.rows })}</span>
        <IconButton
          size="small"
          label={t('tables.reload')}
          onPress={() => {
            first.reload();
            onReload();
          }}
        >
          <RotateCcw size={16} aria-hidden />
        </IconButton>
      </div>
      {rows.length === 0 ? (
        <p className="soft">{t('tables.noRows')}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled with the keys
        <section className="studio-scroll" tabIndex={0} aria-label={table.name}>
          <table className="studio-table">
            <thead>
              <tr>
                {page.columns.map((column) => (
                  <th key={column} scope="col">
                    {withoutReordering(column)}
                    {types.get(column) ? <span className="soft column-type"> {types.get(column)}</span> : null}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name of their own
                <tr key={index}>
                  {page.columns.map((column) => (
                    <td key={column}>{cell(row[column] ?? null)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {problem ? <Notice tone="danger">{explain(problem, t)}</Notice> : null}
      {hasMore ? (
        <div>
          <Button size="small" onPress={() => void loadMore()}>
            {t('tables.more')}
          </Button>
        </div>
      ) : null}
    </section>
  );
}

function cell(value: JsonValue): string {
  if (value === null) return '';
  return withoutReordering(typeof value === 'object' ? JSON.stringify(value) : String(value));
}
