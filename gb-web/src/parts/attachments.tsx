import type { Attachment, FileId } from 'gb-protocol';
import { lazy, Suspense, useState } from 'react';
import { useT } from '../i18n/index.ts';
import { pictureBox, shownAs, videoBox } from '../lib/picture-box.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import { fileAddress } from './file-address.ts';
import { FileChip } from './file-chip.tsx';

const Lightbox = lazy(() => import('./lightbox.tsx').then((m) => ({ default: m.Lightbox })));

/** The files of a message: pictures in boxes of their final size, players for sound and film, a chip for everything else. */
export function Attachments({ files }: { files: readonly Attachment[] }) {
  const t = useT();
  const [open, setOpen] = useState<FileId | null>(null);
  const pictures = files.filter((file) => shownAs(file) === 'picture');
  const others = files.filter((file) => shownAs(file) !== 'picture');
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset has a form's look and meaning
    <div className="attachments" role="group" aria-label={t('file.group', { count: files.length })}>
      {pictures.length > 0 ? (
        <div className="pictures">
          {pictures.map((file) => (
            <Picture key={file.id} file={file} onOpen={() => setOpen(file.id)} />
          ))}
        </div>
      ) : null}
      {others.map((file) => (
        <Player key={file.id} file={file} />
      ))}
      {open === null ? null : (
        <Suspense fallback={null}>
          <Lightbox pictures={pictures} openId={open} onShow={setOpen} onClose={() => setOpen(null)} />
        </Suspense>
      )}
    </div>
  );
}

function Picture({ file, onOpen }: { file: Attachment; onOpen: () => void }) {
  const t = useT();
  const [isBroken, setBroken] = useState(false);
  if (isBroken) return <FileChip file={file} problem={t('file.notShown')} />;
  const { width, height } = pictureBox(file);
  const name = withoutReordering(file.name);
  return (
    <button
      type="button"
      className="picture"
      style={{ width, aspectRatio: `${width} / ${height}` }}
      onClick={onOpen}
      aria-label={t('file.enlarge', { name })}
      title={name}
    >
      <img
        src={fileAddress(file.id)}
        alt=""
        width={width}
        height={height}
        loading="lazy"
        decoding="async"
        onError={() => setBroken(true)}
      />
    </button>
  );
}

function Player({ file }: { file: Attachment }) {
  const t = useT();
  const [isBroken, setBroken] = useState(false);
  const shown = shownAs(file);
  const name = withoutReordering(file.name);
  if (shown === 'file' || isBroken) return <FileChip file={file} {...(isBroken ? { problem: t('file.notShown') } : {})} />;
  return (
    <figure className="player">
      {shown === 'video' ? (
        // biome-ignore lint/a11y/useMediaCaption: what somebody sends has no captions of its own
        <video
          src={fileAddress(file.id)}
          controls
          preload="metadata"
          width={videoBox.width}
          height={videoBox.height}
          aria-label={name}
          onError={() => setBroken(true)}
        />
      ) : (
        // biome-ignore lint/a11y/useMediaCaption: as above
        <audio src={fileAddress(file.id)} controls preload="metadata" aria-label={name} onError={() => setBroken(true)} />
      )}
      <figcaption className="soft truncate">{name}</figcaption>
    </figure>
  );
}
