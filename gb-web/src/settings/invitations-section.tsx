import { UserPlus } from 'lucide-react';
import { useClient, useUsers } from '../app/client-context.tsx';
import { explain } from '../app/problem.ts';
import { navigate } from '../app/router.ts';
import { useLoaded } from '../app/use-loaded.ts';
import { useTask } from '../app/use-task.ts';
import { Button } from '../design/button.tsx';
import { Empty } from '../design/empty.tsx';
import { Notice } from '../design/notice.tsx';
import { useDates } from '../i18n/dates.ts';
import { useT } from '../i18n/index.ts';
import { withoutReordering } from '../lib/safe-text.ts';

export function InvitationsSection() {
  const t = useT();
  const dates = useDates();
  const client = useClient();
  const users = useUsers();
  const list = useLoaded('invitations', () => client.rest.invitations());
  const withdrawing = useTask(async (code: string) => {
    await client.rest.withdrawInvitation(code);
    list.reload();
  });
  const problem = withdrawing.problem ?? (list.error ? explain(list.error, t) : null);
  const invitations = list.value?.invitations ?? [];
  const invite = (
    <Button tone="primary" icon={<UserPlus size={16} aria-hidden />} onPress={() => navigate({ screen: 'invite' })}>
      {t('rail.invite')}
    </Button>
  );
  return (
    <div className="stack">
      {problem ? <Notice tone="danger">{problem}</Notice> : null}
      {list.value && invitations.length === 0 ? (
        <Empty icon={<UserPlus size={24} />} title={t('invitations.emptyTitle')} action={invite}>
          {t('invitations.emptyText')}
        </Empty>
      ) : (
        <>
          <div className="row">{invite}</div>
          <ul className="list-card">
            {invitations.map((invitation) => (
              <li key={invitation.code} className="list-row">
                <span className="list-row-text">
                  <span className="list-row-title">{t(`role.${invitation.role}`)}</span>
                  <span className="soft person-handle">
                    {t('invitations.line', {
                      uses: invitation.uses,
                      max: invitation.usesMax,
                      until: dates.until(invitation.expiresAt),
                      name: withoutReordering(users.get(invitation.createdBy)?.name ?? '…'),
                    })}
                  </span>
                </span>
                <Button
                  size="small"
                  tone="danger"
                  isPending={withdrawing.isRunning}
                  onPress={() => void withdrawing.run(invitation.code)}
                >
                  {t('invitations.withdraw')}
                </Button>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
