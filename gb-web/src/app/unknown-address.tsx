import { MapPinOff } from 'lucide-react';
import { Button } from '../design/button.tsx';
import { Empty } from '../design/empty.tsx';
import { useT } from '../i18n/index.ts';
import { navigate } from './router.ts';

export function UnknownAddress() {
  const t = useT();
  return (
    <Empty
      icon={<MapPinOff size={24} />}
      title={t('unknown.title')}
      action={
        <Button tone="primary" onPress={() => navigate({ screen: 'home' })}>
          {t('failed.home')}
        </Button>
      }
    >
      {t('unknown.text')}
    </Empty>
  );
}
