import { RotateCcw, X } from 'lucide-react';
import { explainCode } from '../app/problem.ts';
import { IconButton } from '../design/button.tsx';
import { useLocale, useT } from '../i18n/index.ts';
import { fileSize } from '../lib/file-size.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import { fileAddress } from '../parts/file-address.ts';
import { FileIcon } from '../parts/file-chip.tsx';
import type { TrayItem, UploadTray } from './uploads.ts';

/** The files that will go with the message: how far each is, and a way to take it back. */
export function UploadTrayView({ tray, items }: { tray: UploadTray; items: readonly TrayItem[] }) {
  const t = useT();
  if (items.length === 0) return null;
  return (
    <ul className="tray" aria-label={t('file.tray')}>
      {items.map((item) => (
        <TrayItemView key={item.key} item={item} tray={tray} />
      ))}
    </ul>
  );
}

function TrayItemView({ item, tray }: { item: TrayItem; tray: UploadTray }) {
  const t = useT();
  const locale = useLocale();
  const name = withoutReordering(item.name);
  const isUnderWay = item.state === 'waiting' || item.state === 'sending';
  const isPicture = item.attachment?.type.startsWith('image/') && item.attachment.width !== undefined;
  const preview = item.preview ?? (isPicture ? fileAddress(item.attachment!.id) : null);
  return (
    <li className={`tray-item${item.state === 'failed' ? ' is-failed' : ''}`}>
      {preview ? <img className="tray-preview" src={preview} alt="" width={40} height={40} /> : <FileIcon type={item.type} />}
      <span className="tray-text">
        <span className="truncate" title={name}>
          {name}
        </span>
        {isUnderWay ? (
          <progress className="tray-progress" max={1} value={item.progress} aria-label={t('file.progressOf', { name })} />
        ) : (
          <span className={item.state === 'failed' ? 'field-error' : 'soft'} role={item.state === 'failed' ? 'alert' : undefined}>
            {item.state === 'failed' ? explainCode(item.problem ?? '', t) : fileSize(item.size, locale)}
          </span>
        )}
      </span>
      {item.state === 'failed' ? (
        <IconButton size="small" label={t('file.retry', { name })} onPress={() => tray.retry(item.key)}>
          <RotateCcw size={16} aria-hidden />
        </IconButton>
      ) : null}
      <IconButton
        size="small"
        label={t(isUnderWay ? 'file.cancel' : 'file.remove', { name })}
        onPress={() => tray.remove(item.key)}
      >
        <X size={16} aria-hidden />
      </IconButton>
    </li>
  );
}
