import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { altKey, modifierKey, shiftKey } from '../app/keys.ts';
import { Button } from '../design/button.tsx';
import { type MessageKey, useT } from '../i18n/index.ts';

const groups: readonly {
  readonly title: MessageKey;
  readonly rows: readonly (readonly [keys: readonly string[], what: MessageKey])[];
}[] = [
  {
    title: 'shortcuts.anywhere',
    rows: [
      [[`${modifierKey}K`], 'shortcuts.switcher'],
      [[`${altKey}↑`, `${altKey}↓`], 'shortcuts.channel'],
      [[`${altKey}${shiftKey}↑`, `${altKey}${shiftKey}↓`], 'shortcuts.unread'],
      [['Esc'], 'shortcuts.close'],
      [['?'], 'shortcuts.this'],
    ],
  },
  {
    title: 'shortcuts.inList',
    rows: [
      [['j', 'k', '↓', '↑'], 'shortcuts.move'],
      [['r'], 'message.quote'],
      [['t'], 'message.reply'],
      [['e'], 'message.edit'],
      [['+'], 'message.react'],
      [['c'], 'message.copyLink'],
      [['u'], 'message.markUnread'],
      [['Delete'], 'message.delete'],
      [['End'], 'list.toLatest'],
    ],
  },
  {
    title: 'shortcuts.studio',
    rows: [
      [[`${modifierKey}S`], 'common.save'],
      [[`${modifierKey}Enter`], 'studio.restart'],
      [['Esc', 'Tab'], 'shortcuts.leaveEditor'],
    ],
  },
  {
    title: 'shortcuts.writing',
    rows: [
      [['Enter'], 'shortcuts.send'],
      [[`${shiftKey}Enter`], 'shortcuts.lineBreak'],
      [['↑'], 'shortcuts.editLast'],
      [['@', '#', ':', '/'], 'shortcuts.complete'],
      [[`${modifierKey}B`, `${modifierKey}I`, `${modifierKey}E`], 'shortcuts.marks'],
    ],
  },
];

export function ShortcutList({ onClose }: { onClose: () => void }) {
  const t = useT();
  return (
    <ModalOverlay className="overlay" isOpen isDismissable onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Modal className="overlay-card shortcuts-card">
        <Dialog className="dialog">
          <Heading slot="title" level={2}>
            {t('shortcuts.title')}
          </Heading>
          <div className="shortcuts">
            {groups.map(({ title, rows }) => (
              <section key={title}>
                <h3 className="section-title">{t(title)}</h3>
                <dl>
                  {rows.map(([keys, what]) => (
                    <div key={what} className="shortcut">
                      <dt>{t(what)}</dt>
                      <dd>
                        {keys.map((key) => (
                          <kbd key={key}>{key}</kbd>
                        ))}
                      </dd>
                    </div>
                  ))}
                </dl>
              </section>
            ))}
          </div>
          <div className="row row-end">
            <Button autoFocus onPress={onClose}>
              {t('common.close')}
            </Button>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
