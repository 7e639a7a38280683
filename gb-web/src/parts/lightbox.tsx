import type { Attachment, FileId } from 'gb-protocol';
import { ChevronLeft, ChevronRight, X } from 'lucide-react';
import { useCallback, useEffect } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { IconButton } from '../design/button.tsx';
import { useDates } from '../i18n/dates.ts';
import { useT } from '../i18n/index.ts';
import { withoutReordering } from '../lib/safe-text.ts';
import { fileAddress } from './file-address.ts';
import { SaveLink } from './save-link.tsx';

/** One picture as large as the window takes it. The arrows go through the others of the message, Escape goes back. */
export function Lightbox({
  pictures,
  openId,
  onShow,
  onClose,
}: {
  pictures: readonly Attachment[];
  openId: FileId;
  onShow: (id: FileId) => void;
  onClose: () => void;
}) {
  const t = useT();
  const dates = useDates();
  const index = pictures.findIndex((picture) => picture.id === openId);
  const picture = pictures[index];
  const step = useCallback(
    (by: number): void => {
      const next = pictures[index + by];
      if (next) onShow(next.id);
    },
    [pictures, index, onShow],
  );

  // Whatever of it has the focus, the whole dialog included.
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
      event.preventDefault();
      step(event.key === 'ArrowLeft' ? -1 : 1);
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [step]);

  if (!picture) return null;
  const name = withoutReordering(picture.name);
  return (
    <ModalOverlay className="lightbox-overlay" isOpen isDismissable onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Modal className="lightbox">
        <Dialog className="lightbox-dialog">
          <div className="lightbox-frame">
            <header className="lightbox-bar">
              <Heading slot="title" className="truncate lightbox-title">
                {name}
              </Heading>
              {pictures.length > 1 ? (
                <span className="soft" aria-live="polite">
                  {t('file.nth', { n: dates.number(index + 1), of: dates.number(pictures.length) })}
                </span>
              ) : null}
              <SaveLink file={picture} />
              <IconButton label={t('common.close')} shortcut="Esc" onPress={onClose}>
                <X size={18} aria-hidden />
              </IconButton>
            </header>
            <div className="lightbox-stage">
              <img key={picture.id} src={fileAddress(picture.id)} alt={name} />
              {pictures.length > 1 ? (
                <>
                  <span className="lightbox-side is-left">
                    <IconButton label={t('file.previous')} isDisabled={index === 0} onPress={() => step(-1)}>
                      <ChevronLeft size={24} aria-hidden />
                    </IconButton>
                  </span>
                  <span className="lightbox-side is-right">
                    <IconButton label={t('file.next')} isDisabled={index === pictures.length - 1} onPress={() => step(1)}>
                      <ChevronRight size={24} aria-hidden />
                    </IconButton>
                  </span>
                </>
              ) : null}
            </div>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
