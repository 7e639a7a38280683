import type { Attachment } from 'gb-protocol';
import { Download } from 'lucide-react';
import { useT } from '../i18n/index.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import { downloadAddress } from './file-address.ts';

/** Saves a file that is shown here, or opens elsewhere. */
export function SaveLink({ file }: { file: Attachment }) {
  const t = useT();
  const name = withoutReordering(file.name);
  return (
    <a
      className="icon-button"
      href={downloadAddress(file.id)}
      download={name}
      aria-label={t('file.save', { name })}
      title={t('file.saveShort')}
    >
      <Download size={18} aria-hidden />
    </a>
  );
}
