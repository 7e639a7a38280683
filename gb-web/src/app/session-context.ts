import { createContext, use } from 'react';
import type { SessionControl } from './session.ts';

export const SessionContext = createContext<SessionControl | null>(null);

export function useSessionControl(): SessionControl {
  const control = use(SessionContext);
  if (!control) throw new Error('The session is not known here');
  return control;
}
