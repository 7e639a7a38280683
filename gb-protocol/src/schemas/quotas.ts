import Type from 'typebox';
import { quotaNames, type Usage } from '../quotas.ts';
import { as, Nullable, TimeMs } from './common.ts';

const Amount = Nullable(Type.Integer({ minimum: 0 }));

export const UsageSchema = as<Usage>(
  Type.Object({
    quotas: Type.Array(Type.Object({ name: Type.Enum([...quotaNames]), used: Amount, most: Amount })),
    dayEndsAt: TimeMs,
  }),
);
