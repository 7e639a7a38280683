import type { Attachment } from 'gb-protocol';
import {
  Download,
  File,
  FileArchive,
  FileAudio,
  FileImage,
  FileSpreadsheet,
  FileText,
  FileVideo,
  type LucideIcon,
} from 'lucide-react';
import { useLocale, useT } from '../i18n/index.ts';
import { fileSize } from '../lib/file-size.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import { downloadAddress, fileAddress } from './file-address.ts';
import { SaveLink } from './save-link.tsx';

/** A file by its name and size. A click saves it; what a browser can read is opened beside instead, and saved by its own button. */
export function FileChip({ file, problem }: { file: Attachment; problem?: string }) {
  const t = useT();
  const locale = useLocale();
  const name = withoutReordering(file.name);
  const opens = file.type === 'application/pdf';
  return (
    <div className="file-chip">
      <a
        className="file-chip-main"
        href={opens ? fileAddress(file.id) : downloadAddress(file.id)}
        {...(opens ? { target: '_blank', rel: 'noopener' } : { download: name })}
        aria-label={t(opens ? 'file.open' : 'file.download', { name, size: fileSize(file.size, locale) })}
      >
        <FileIcon type={file.type} />
        <span className="file-chip-text">
          <span className="file-chip-name" title={name}>
            {name}
          </span>
          <span className="soft file-chip-size">{problem ?? fileSize(file.size, locale)}</span>
        </span>
      </a>
      {opens ? <SaveLink file={file} /> : <Download size={18} aria-hidden className="file-chip-hint" />}
    </div>
  );
}

const icons: readonly [RegExp, LucideIcon][] = [
  [/^image\//, FileImage],
  [/^video\//, FileVideo],
  [/^audio\//, FileAudio],
  [/csv|spreadsheet|excel|tab-separated/, FileSpreadsheet],
  [/zip|compressed|tar|7z|rar|gzip/, FileArchive],
  [/^text\/|pdf|word|document|json|xml/, FileText],
];

export function FileIcon({ type }: { type: string }) {
  const Icon = icons.find(([pattern]) => pattern.test(type))?.[1] ?? File;
  return <Icon size={24} aria-hidden className="file-icon" />;
}
