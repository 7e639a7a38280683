import type { Locale } from 'gb-protocol';
import { useClient } from '../app/client-context.tsx';
import { modifierKey } from '../app/keys.ts';
import { setPreferences, usePreferences } from '../app/preferences.ts';
import { explain } from '../app/problem.ts';
import { showToast } from '../app/toasts.tsx';
import { RadioChoice, SelectChoice } from '../design/choice.tsx';
import { locales, useLocale, useT } from '../i18n/index.ts';

export function AppearanceSection() {
  const t = useT();
  const client = useClient();
  const locale = useLocale();
  const { theme, enterSends, desktopNotices } = usePreferences();

  const setLocale = (next: Locale): void => {
    setPreferences({ locale: next });
    // Also for e-mails and bots: they speak the language of the account.
    client.rest.updateMe({ locale: next }).catch((error: unknown) => showToast(explain(error, t), { tone: 'danger' }));
  };

  const setNotices = async (isOn: boolean): Promise<void> => {
    // Asked only now, on a click: a page that asks at once is refused, and browsers remember it.
    if (isOn && (!('Notification' in window) || (await Notification.requestPermission()) !== 'granted')) {
      showToast(t('settings.noticesRefused'), { tone: 'danger' });
      return;
    }
    setPreferences({ desktopNotices: isOn });
  };

  return (
    <div className="stack stack-24">
      <RadioChoice
        label={t('settings.theme')}
        value={theme}
        onChange={(next) => setPreferences({ theme: next })}
        options={[
          { id: 'system', label: t('settings.themeSystem') },
          { id: 'light', label: t('settings.themeLight') },
          { id: 'dark', label: t('settings.themeDark') },
        ]}
      />
      <SelectChoice
        label={t('language.label')}
        value={locale}
        onChange={setLocale}
        options={locales.map(({ id, name }) => ({ id, label: name }))}
      />
      <RadioChoice
        label={t('settings.enter')}
        value={enterSends ? 'send' : 'break'}
        onChange={(next) => setPreferences({ enterSends: next === 'send' })}
        options={[
          { id: 'send', label: t('settings.enterSends'), description: t('settings.enterSendsText') },
          { id: 'break', label: t('settings.enterBreaks'), description: t('settings.enterBreaksText', { key: modifierKey }) },
        ]}
      />
      <RadioChoice
        label={t('settings.notices')}
        value={desktopNotices ? 'on' : 'off'}
        onChange={(next) => void setNotices(next === 'on')}
        options={[
          { id: 'off', label: t('settings.noticesOff') },
          { id: 'on', label: t('settings.noticesOn'), description: t('settings.noticesOnText') },
        ]}
      />
    </div>
  );
}
