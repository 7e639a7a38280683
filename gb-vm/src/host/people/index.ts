import type { OperationSet } from '../operation.ts';
import type { HttpClient } from '../web/http-client.ts';
import { appointmentOperations } from './appointments.ts';
import { type AskModel, assistOperations } from './assist.ts';
import { attendanceOperations } from './attendance.ts';
import { contactOperations } from './contacts.ts';
import { taskOperations } from './tasks.ts';
import { teamOperations } from './teams.ts';

export type { AskModel } from './assist.ts';

export interface PeopleOptions {
  /** Asks the bot's model; null without one. */
  readonly ask: AskModel | null;
  /** The guarded client, for the services a bot's config.csv names; null without one. */
  readonly http: HttpClient | null;
}

/** Tasks, calendars, customers, and the people who answer them. */
export function peopleOperations({ ask, http }: PeopleOptions): OperationSet {
  return {
    inTurn: { ...attendanceOperations, ...taskOperations, ...appointmentOperations, ...teamOperations, ...contactOperations },
    outside: assistOperations(ask, http),
  };
}
