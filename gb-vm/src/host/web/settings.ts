import { type InTurnOperation, OperationFailed } from '../operation.ts';
import { wordOf } from './values.ts';
import { changeWebState, webState, withHeader } from './web-state.ts';

/** SET HEADER, CLEAR HEADERS, SET PAGE MODE, CONTINUATION TOKEN and USE ACCOUNT: what the following requests go by. */
export const settingOperations: Readonly<Record<string, InTurnOperation>> = {
  'SET HEADER': async ({ name, value }, scope) => {
    changeWebState(scope, { headers: withHeader(webState(scope).headers, wordOf(name), value ?? null) });
    return null;
  },

  'CLEAR HEADERS': async (_, scope) => {
    changeWebState(scope, { headers: {} });
    return null;
  },

  'SET PAGE MODE': async ({ mode }, scope) => {
    const word = wordOf(mode).toLowerCase();
    if (word !== 'auto' && word !== 'none') throw unknownPageMode(word);
    changeWebState(scope, { pageMode: word });
    return null;
  },

  'CONTINUATION TOKEN': async (_, scope) => webState(scope).next,

  'USE ACCOUNT': async ({ account }, scope) => {
    const name = wordOf(account).trim();
    if (name.length > accountMax) throw badAccount();
    changeWebState(scope, { account: name || null });
    return null;
  },
};

const accountMax = 254;

function unknownPageMode(mode: string): OperationFailed {
  const shown = mode.slice(0, 40);
  return new OperationFailed({
    en: `the page mode is "auto" or "none", not "${shown}"`,
    pt: `o modo de página é "auto" ou "none", não "${shown}"`,
  });
}

function badAccount(): OperationFailed {
  return new OperationFailed({ en: 'the name of the account is too long', pt: 'o nome da conta é longo demais' });
}
