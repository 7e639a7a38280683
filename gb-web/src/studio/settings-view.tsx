import { Plus, X } from 'lucide-react';
import { useId, useMemo, useRef, useState } from 'react';
import { Button, IconButton } from '../design/button.tsx';
import { withoutReordering } from '../lib/safe-text.ts';
import {
  isSettings,
  readSettingsFile,
  type SettingsRow,
  settingName,
  settingsFileName,
  writeSettingsFile,
} from './settings-file.ts';
import type { Draft } from './use-draft.ts';
import { type StudioKey, useT } from './words/index.ts';

/** Settings that mean something to the server, with a sentence each. */
const known: readonly { readonly name: string; readonly text: StudioKey; readonly example: string }[] = [
  { name: 'time-zone', text: 'setting.timeZone', example: Intl.DateTimeFormat().resolvedOptions().timeZone },
  { name: 'param-name', text: 'setting.param', example: '' },
  { name: 'hear-timeout-secs', text: 'setting.hearTimeout', example: '3600' },
  { name: 'bot-description', text: 'setting.description', example: '' },
  { name: 'theme-color1', text: 'setting.color', example: '#0f766e' },
  { name: 'theme-color2', text: 'setting.tint', example: '#ccfbf1' },
  { name: 'theme-title', text: 'setting.title', example: '' },
  { name: 'welcome-message', text: 'setting.welcome', example: '' },
  { name: 'theme-logo', text: 'setting.logo', example: 'logo.png' },
  { name: 'system-prompt', text: 'setting.systemPrompt', example: '' },
  { name: 'answer-mode', text: 'setting.answerMode', example: '' },
  { name: 'llm-model', text: 'setting.model', example: '' },
  { name: 'llm-temperature', text: 'setting.temperature', example: '0.2' },
  { name: 'transfer-to', text: 'setting.transferTo', example: '' },
  { name: 'opening-hours', text: 'setting.openingHours', example: '' },
];

const isColor = (name: string): boolean => /^theme-color[12]?$/.test(name);

/** What is wrong with a setting; publishing leaves it out. */
function faultOf(name: string, value: string): StudioKey | null {
  if (isColor(name)) return value === '' || CSS.supports('color', value) ? null : 'setting.notColor';
  return name.startsWith('theme-') && !known.some((one) => one.name === name) ? 'setting.unknownTheme' : null;
}

/** `config.csv` of the draft as a table. It takes effect when the bot is published. */
export function SettingsView({ draft }: { draft: Draft }) {
  const t = useT();
  const { files, setFiles, isReadOnly } = draft;
  const text = files.find(({ name }) => isSettings(name))?.text ?? '';
  // A row being filled in has no name yet and would be lost in the file, so the rows are kept beside it.
  const [rows, setRows] = useState<readonly SettingsRow[]>(() => readSettingsFile(text));
  const written = useRef(text);
  const shown = text === written.current ? rows : readSettingsFile(text);
  const table = useRef<HTMLTableElement>(null);
  const helpId = useId();
  const settings = useMemo(() => shown.flatMap((row, index) => ('remark' in row ? [] : [{ ...row, index }])), [shown]);
  const unused = known.filter(({ name }) => !settings.some((row) => settingName(row.name) === name));

  const change = (next: readonly SettingsRow[]): void => {
    const file = writeSettingsFile(next);
    const isNothing = next.every((row) => !('remark' in row) && row.name.trim() === '');
    setRows(next);
    written.current = isNothing ? '' : file;
    setFiles((before) => {
      const rest = before.filter(({ name }) => !isSettings(name));
      return isNothing ? rest : [...rest, { name: settingsFileName, text: file }];
    });
  };
  const put = (index: number, row: Partial<{ name: string; value: string }>): void =>
    change(shown.map((before, at) => (at === index && !('remark' in before) ? { ...before, ...row } : before)));
  const add = (name: string, value: string): void => {
    change([...shown, { name, value }]);
    requestAnimationFrame(() =>
      table.current?.querySelector<HTMLElement>(`tbody tr:last-child input${name === '' ? '' : '[data-value]'}`)?.focus(),
    );
  };

  return (
    <div className="pane-body">
      <div className="studio-page stack stack-24">
        <p className="soft" id={helpId}>
          {t('settings.help')}
        </p>
        {settings.length > 0 ? (
          <table className="settings-table" ref={table} aria-describedby={helpId}>
            <caption className="visually-hidden">{t('studio.tabSettings')}</caption>
            <thead>
              <tr>
                <th scope="col">{t('settings.name')}</th>
                <th scope="col">{t('settings.value')}</th>
                <td />
              </tr>
            </thead>
            <tbody>
              {settings.map((row) => {
                const name = settingName(row.name);
                const help = known.find((one) => one.name === name);
                const fault = faultOf(name, row.value);
                return (
                  <tr key={row.index}>
                    <td className="settings-name">
                      <input
                        className="studio-input is-code"
                        value={row.name}
                        readOnly={isReadOnly}
                        aria-label={t('settings.name')}
                        spellCheck={false}
                        onChange={(event) => put(row.index, { name: event.target.value.replace(/[\r\n]/g, ' ') })}
                      />
                    </td>
                    <td className="settings-of">
                      <input
                        className="studio-input"
                        value={row.value}
                        data-value
                        readOnly={isReadOnly}
                        aria-label={t('settings.valueOf', { name: row.name || '…' })}
                        onChange={(event) => put(row.index, { value: event.target.value })}
                      />
                      {isColor(name) && !isReadOnly ? (
                        <input
                          type="color"
                          className="settings-color"
                          value={/^#[0-9a-f]{6}$/i.test(row.value) ? row.value.toLowerCase() : '#000000'}
                          aria-label={t('setting.pickColor', { name: row.name })}
                          onChange={(event) => put(row.index, { value: event.target.value })}
                        />
                      ) : null}
                      {fault ? (
                        <span className="settings-help is-bad" role="alert">
                          {t(fault)}
                        </span>
                      ) : help ? (
                        <span className="soft settings-help">{t(help.text)}</span>
                      ) : null}
                    </td>
                    <td className="settings-end">
                      {isReadOnly ? null : (
                        <IconButton
                          size="small"
                          label={t('settings.remove', { name: withoutReordering(row.name) })}
                          onPress={() => change(shown.filter((_, at) => at !== row.index))}
                        >
                          <X size={16} aria-hidden />
                        </IconButton>
                      )}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        ) : null}
        {isReadOnly ? null : (
          <div className="stack">
            <div>
              <Button size="small" icon={<Plus size={16} aria-hidden />} onPress={() => add('', '')}>
                {t('settings.add')}
              </Button>
            </div>
            <section aria-label={t('settings.known')}>
              <h3 className="section-title">{t('settings.known')}</h3>
              <ul className="list-card">
                {unused.map(({ name, text: sentence, example }) => (
                  <li key={name}>
                    <button type="button" className="list-row" onClick={() => add(name, example)}>
                      <span className="list-row-text">
                        <span className="list-row-title mono">{name}</span>
                        <span className="soft person-handle">{t(sentence)}</span>
                      </span>
                      <Plus size={16} aria-hidden />
                    </button>
                  </li>
                ))}
              </ul>
            </section>
          </div>
        )}
      </div>
    </div>
  );
}
