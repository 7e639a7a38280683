import type { InvitationRepository } from 'gb-core';
import type { Invitation, UserId } from 'gb-protocol';
import { GbError } from 'gb-utils';
import { time } from '../connection.ts';
import type { Scope } from '../scope.ts';

interface Row {
  code: string;
  role: Invitation['role'];
  created_by: UserId;
  created_at: number;
  expires_at: number;
  uses_max: number;
  uses: number;
}

const columns = 'code, role, created_by, created_at, expires_at, uses_max, uses';

function toInvitation(row: Row): Invitation {
  return {
    code: row.code,
    role: row.role,
    createdBy: row.created_by,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    usesMax: row.uses_max,
    uses: row.uses,
  };
}

export function invitationRepository({ sql, customerId, isReadOnly }: Scope): InvitationRepository {
  return {
    async insert(invitation) {
      await sql.change(
        `insert into invitations (customer_id, code_hash, code, role, created_by, created_at, expires_at, uses_max, uses)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [
          customerId,
          invitation.codeHash,
          invitation.code,
          invitation.role,
          invitation.createdBy,
          time(invitation.createdAt),
          time(invitation.expiresAt),
          invitation.usesMax,
          invitation.uses,
        ],
      );
    },

    async list() {
      const rows = await sql.rows<Row>(
        `select ${columns} from invitations where customer_id = $1 order by created_at desc, code`,
        [customerId],
      );
      return rows.map(toInvitation);
    },

    async byCodeHash(hash) {
      // A read-only transaction (the preview a stranger sees) cannot lock, and does not use the invitation up.
      const row = await sql.row<Row>(
        `select ${columns} from invitations where customer_id = $1 and code_hash = $2${isReadOnly ? '' : ' for update'}`,
        [customerId, hash],
      );
      return row && toInvitation(row);
    },

    async use(hash) {
      const used = await sql.change(
        'update invitations set uses = uses + 1 where customer_id = $1 and code_hash = $2 and uses < uses_max',
        [customerId, hash],
      );
      if (used === 0) throw new GbError('invitation_invalid', 'The invitation was used up or withdrawn');
    },

    async delete(hash) {
      return (await sql.change('delete from invitations where customer_id = $1 and code_hash = $2', [customerId, hash])) > 0;
    },
  };
}
