export type * from './bot-rest.ts';
export { compactEvent, expandEvent, type WireEvent } from './compact.ts';
export type * from './entities.ts';
export { closeCodes, type ErrorBody, type ErrorCode, errorCodes, mayReconnect } from './errors.ts';
export type * from './events.ts';
export {
  type FormProblem,
  type FormValue,
  type FormValues,
  formFieldTypes,
  formProblems,
  isEmpty as isEmptyAnswer,
  sayAnswers,
} from './form-answer.ts';
export type * from './frames.ts';
export { hiddenText } from './hidden-text.ts';
export type * from './ids.ts';
export * from './jobs-rest.ts';
export { limits, protocolVersion } from './limits.ts';
export { type QuotaFacts, type QuotaName, type QuotaUse, quotaNames, type Usage } from './quotas.ts';
export type * from './rest.ts';
export { entryKey, scriptKey } from './script-key.ts';
