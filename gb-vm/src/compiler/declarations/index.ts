import type { Declaration } from '../ast.ts';
import type { DiagnosticBag } from '../diagnostics.ts';
import type { SourceFile } from '../source.ts';
import { readSchedule } from './schedule.ts';
import { readTable } from './table.ts';
import { readTrigger } from './triggers.ts';
import { readWebhook } from './webhook.ts';

export type { ColumnDeclaration, ColumnType, TableDeclaration } from './columns.ts';
export { type Computed, type ComputedOperation, computedOperations } from './computed.ts';
export { readSchedule, type ScheduleDeclaration } from './schedule.ts';
export { declaredNamePattern, listOf, type Report, readTable } from './table.ts';
export { type FolderEvent, readTrigger, type TriggerDeclaration } from './triggers.ts';
export { readWebhook } from './webhook.ts';

/**
 * Tells what is wrong with what scripts say about themselves, at its line: to who is typing, and again to who publishes.
 * What takes the whole bot to know - a table that is there twice, a script that is missing - only publishing tells.
 */
export function checkDeclarations(
  declarations: readonly Declaration[],
  sources: readonly SourceFile[],
  bag: DiagnosticBag,
): void {
  const report: DiagnosticBag['report'] = (code, span, ...args) => bag.report(code, span, ...args);
  for (const declaration of declarations) {
    const source = sources[declaration.span.file];
    switch (declaration.keyword) {
      case 'TABLE':
        if (source) readTable(declaration, source, bag.locale, report);
        break;
      case 'SET SCHEDULE': {
        const { parsed } = readSchedule(declaration, bag.locale);
        if ('problem' in parsed) report('bad_schedule', declaration.span, parsed.problem);
        break;
      }
      case 'WEBHOOK':
        readWebhook(declaration, report);
        break;
      default:
        readTrigger(declaration, report);
    }
  }
}
