import { functionNames } from '../../compiler/keywords/functions.ts';
import type { HostFunctions } from '../host.ts';

/** The same functions under their other names as well; compiled code asks for the name the script used. */
export function withOtherNames(functions: HostFunctions): HostFunctions {
  const others = [...functionNames].flatMap(([name, of]) => {
    const found = functions[`fn:${of}`];
    return found ? [[`fn:${name}`, found] as const] : [];
  });
  return { ...functions, ...Object.fromEntries(others) };
}
