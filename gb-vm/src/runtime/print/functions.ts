import { toText } from '../functions/values.ts';
import { ListRef, type Value } from '../heap.ts';
import { fail, type Host, type HostFunctions } from '../host.ts';
import { isTabValid } from './printer.ts';
import { type MaskValue, printUsing } from './using.ts';

/** What PRINT calls. Each call costs fuel by what it writes: output is work, and a mask may be long. */
export function printFunctions(host: Host): HostFunctions {
  const { heap } = host;
  const put = (text: string): void => {
    if (text.length > 64) heap.charge(text.length >>> 6);
    host.printer.text(text);
  };
  const printValue = (value: Value): void => {
    if (typeof value === 'number') host.printer.number(value);
    else if (typeof value === 'boolean' && host.profile !== 'bot') host.printer.number(oldBoolean(value));
    else put(toText(heap, value));
  };
  return {
    printText: (cell) => put(heap.text(cell!)),
    printNumber: (value) => host.printer.number(value!),
    printValue: (low, high) => printValue(heap.value(low!, high!)),
    printComma: () => host.printer.comma(),
    printTab: (column, position) => {
      if (host.profile === 'minimal' && !isTabValid(column!)) host.warn('tab_out_of_range', position!);
      host.printer.tab(column!);
    },
    printSpaces: (count) => host.printer.spaces(count!),
    printLine: () => host.printer.line(),
    printUsing: (mask, low, high, position) => {
      const list = heap.value(low!, high!);
      const values = list instanceof ListRef ? heap.listValues(list.at) : [list];
      const text = heap.text(mask!);
      // Reading the mask is work, too, when it stands in a loop.
      if (text.length > 64) heap.charge(text.length >>> 6);
      const problem = printUsing(text, values.map(maskValue), put, host.profile === 'bot');
      if (problem === 'not_a_number') fail('type_mismatch', position!, 'a text', 'a number');
      if (problem === 'not_a_text') fail('type_mismatch', position!, 'a number', 'a text');
      if (problem !== null) fail('illegal_argument', position!);
    },
  };

  function maskValue(value: Value): MaskValue {
    if (typeof value === 'number' || typeof value === 'string') return value;
    return typeof value === 'boolean' && host.profile !== 'bot' ? oldBoolean(value) : toText(heap, value);
  }
}

/** The old dialects know no yes and no: their true is -1. */
function oldBoolean(value: boolean): number {
  return value ? -1 : 0;
}
