import type { Invitation } from 'gb-protocol';
import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useClient, useMe } from '../app/client-context.tsx';
import { goBack, navigate } from '../app/router.ts';
import { showToast } from '../app/toasts.tsx';
import { useTask } from '../app/use-task.ts';
import { Button } from '../design/button.tsx';
import { SelectChoice } from '../design/choice.tsx';
import { Notice } from '../design/notice.tsx';
import { Pane } from '../design/pane.tsx';
import { useDates } from '../i18n/dates.ts';
import { useT } from '../i18n/index.ts';
import { rolesToInvite } from '../lib/roles.ts';
import './settings.css';

type InvitedRole = Invitation['role'];
const hours = ['24', '168', '720'] as const;
const uses = ['1', '10', '100'] as const;

/** A link to send, with its picture for a phone. It is made when asked for, with the choices shown. */
export function InvitePage() {
  const t = useT();
  const dates = useDates();
  const client = useClient();
  const me = useMe();
  const [role, setRole] = useState<InvitedRole>('member');
  const [lasts, setLasts] = useState<(typeof hours)[number]>('168');
  const [usesMax, setUsesMax] = useState<(typeof uses)[number]>('10');
  const [invitation, setInvitation] = useState<Invitation | null>(null);
  const [isCopied, setCopied] = useState(false);
  const creating = useTask(async () => {
    setInvitation(await client.rest.createInvitation({ role, expiresInHours: Number(lasts), usesMax: Number(usesMax) }));
    setCopied(false);
  });
  const link = invitation ? new URL(`/join/${encodeURIComponent(invitation.code)}`, window.location.origin).href : '';
  const roles = rolesToInvite(me);
  const canInvite = roles.length > 0;

  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(link);
      setCopied(true);
    } catch {
      showToast(t('problem.clipboard'), { tone: 'danger' });
    }
  };

  return (
    <Pane title={t('rail.invite')} label={t('rail.invite')} onClose={() => goBack({ screen: 'home' })} takesFocus={false}>
      <div className="pane-body">
        <div className="page-body stack stack-24">
          {canInvite ? null : <Notice tone="warning">{t('invite.membersOnly')}</Notice>}
          <p className="soft">{t('invite.text')}</p>
          <div className="invite-choices">
            <SelectChoice<InvitedRole>
              label={t('invite.as')}
              value={role}
              onChange={setRole}
              options={roles.map((id) => ({ id, label: t(`role.${id}`) }))}
              isDisabled={!canInvite}
            />
            <SelectChoice
              label={t('invite.lasts')}
              value={lasts}
              onChange={setLasts}
              options={hours.map((id) => ({ id, label: t('invite.days', { count: Number(id) / 24 }) }))}
            />
            <SelectChoice
              label={t('invite.uses')}
              value={usesMax}
              onChange={setUsesMax}
              options={uses.map((id) => ({ id, label: t('invite.people', { count: Number(id) }) }))}
            />
          </div>
          {creating.problem ? <Notice tone="danger">{creating.problem}</Notice> : null}
          <div className="row">
            <Button
              tone={invitation ? 'plain' : 'primary'}
              isDisabled={!canInvite}
              isPending={creating.isRunning}
              onPress={() => void creating.run()}
            >
              {t(invitation ? 'invite.another' : 'invite.create')}
            </Button>
            {invitation ? (
              <Button tone="quiet" onPress={() => navigate({ screen: 'settings', section: 'invitations' })}>
                {t('settings.invitations')}
              </Button>
            ) : null}
          </div>
          {invitation ? (
            <section className="invite-card" aria-label={t('invite.link')}>
              <QrCode text={link} label={t('invite.qr')} />
              <div className="stack grow">
                <div className="field">
                  <label htmlFor="invite-link">{t('invite.link')}</label>
                  <input id="invite-link" readOnly value={link} onFocus={(event) => event.target.select()} />
                </div>
                <div className="row">
                  <Button
                    tone="primary"
                    icon={isCopied ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}
                    onPress={() => void copy()}
                  >
                    {t(isCopied ? 'code.copied' : 'invite.copy')}
                  </Button>
                </div>
                <p className="soft">{t('invite.until', { date: dates.full(invitation.expiresAt), count: invitation.usesMax })}</p>
              </div>
            </section>
          ) : null}
        </div>
      </div>
    </Pane>
  );
}

/** Drawn from the code's squares, dark on white in every theme: cameras do not read it otherwise. */
function QrCode({ text, label }: { text: string; label: string }) {
  const [squares, setSquares] = useState<{ size: number; path: string } | null>(null);
  useEffect(() => {
    let isCurrent = true;
    import('qrcode').then(
      ({ default: qrcode }) => {
        const { modules } = qrcode.create(text, { errorCorrectionLevel: 'M' });
        let path = '';
        for (let y = 0; y < modules.size; y++)
          for (let x = 0; x < modules.size; x++) if (modules.get(y, x)) path += `M${x} ${y}h1v1h-1z`;
        if (isCurrent) setSquares({ size: modules.size, path });
      },
      // Without the picture there is still the link.
      () => isCurrent && setSquares(null),
    );
    return () => {
      isCurrent = false;
    };
  }, [text]);
  if (!squares) return <div className="qr" />;
  return (
    <svg
      className="qr"
      role="img"
      aria-label={label}
      viewBox={`-3 -3 ${squares.size + 6} ${squares.size + 6}`}
      shapeRendering="crispEdges"
    >
      <path d={squares.path} fill="#000" />
    </svg>
  );
}
