import { Dialog, Modal, ModalOverlay } from 'react-aria-components';
import { useT } from '../i18n/index.ts';
import { LogInForm } from '../screens/log-in-screen.tsx';
import { useClient, useMe } from './client-context.tsx';
import { useSessionControl } from './session-context.ts';

/** The session ended while the workspace was open. Everything written is kept; the same person goes on after logging in. */
export function SessionExpired() {
  const t = useT();
  const client = useClient();
  const me = useMe();
  const { begin } = useSessionControl();
  return (
    <ModalOverlay className="overlay" isOpen isKeyboardDismissDisabled>
      <Modal className="overlay-card">
        <Dialog className="dialog stack" aria-label={t('expired.title')}>
          <h2>{t('expired.title')}</h2>
          <p className="soft">{t('expired.text')}</p>
          <LogInForm client={client} onDone={begin} email={me.email} />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
