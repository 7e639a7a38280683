import type { BotExampleInfo } from 'gb-protocol';
import { useEffect, useRef, useState } from 'react';
import { useClient } from '../app/client-context.tsx';
import { explain } from '../app/problem.ts';
import { useLoaded } from '../app/use-loaded.ts';
import { Button } from '../design/button.tsx';
import { RadioChoice } from '../design/choice.tsx';
import { Field } from '../design/field.tsx';
import { Notice } from '../design/notice.tsx';
import { fold } from '../lib/fuzzy.ts';
import { useT } from './words/index.ts';

/** Ready-made bots to copy: each with what it does, found by its words or by what its scripts are made of. */
export function Examples({ value, onChange }: { value: string | null; onChange: (example: BotExampleInfo) => void }) {
  const t = useT();
  const client = useClient();
  const [search, setSearch] = useState('');
  const { value: examples, error, reload } = useLoaded('examples', async () => (await client.rest.botExamples()).examples);
  const top = useRef<HTMLDivElement>(null);
  const isThere = examples !== null;
  // It opens below the choice that was made, which may be the last line in sight.
  useEffect(() => {
    const page = top.current?.closest('.pane-body');
    if (isThere && top.current && page)
      page.scrollBy({ top: top.current.getBoundingClientRect().top - page.getBoundingClientRect().top - 8 });
  }, [isThere]);
  if (error)
    return (
      <Notice tone="danger">
        {explain(error, t)} <Button onPress={reload}>{t('common.tryAgain')}</Button>
      </Notice>
    );
  if (!examples) return null;
  const found = examples.filter((example) => fits(example, search));
  return (
    <div className="stack stack-12 examples" ref={top}>
      <Field label={t('examples.search')} value={search} onChange={setSearch} hint={t('examples.searchHint')} type="search" />
      {found.length === 0 ? (
        <p className="soft" role="status">
          {t('examples.nothing')}
        </p>
      ) : (
        <RadioChoice<string>
          label={t('examples.title')}
          value={value ?? ''}
          onChange={(id) => {
            const example = examples.find((one) => one.id === id);
            if (example) onChange(example);
          }}
          options={found.map(({ id, name, description }) => ({ id, label: name, description }))}
        />
      )}
    </div>
  );
}

/** Every word of the search is somewhere in it, without accents and capitals. */
export function fits({ name, description, keywords }: BotExampleInfo, search: string): boolean {
  const text = fold([name, description, ...keywords].join(' '));
  return fold(search)
    .split(/\s+/)
    .every((word) => text.includes(word));
}
