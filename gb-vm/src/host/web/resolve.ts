import { Resolver, lookup as systemLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { type AllowList, isLocalName, isPublicAddress, isRefusedPort } from './addresses.ts';
import { HttpFailed, shownAddress } from './http-failed.ts';

/** The addresses of a host name; none when it has none. */
export type Lookup = (host: string) => Promise<readonly string[]>;

const resolveMsMax = 3_000;

/**
 * Asks the name servers directly: the system's own lookup works in the few threads that also read and write files, and
 * a name server made to be slow would hold them all.
 */
export async function lookupPublicName(host: string): Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: resolveMsMax, tries: 2 });
  const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const found = answers.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  if (found.length > 0) return found;
  const codes = answers.map((one) => (one.status === 'rejected' ? ((one.reason as NodeJS.ErrnoException).code ?? '') : ''));
  // No name server can be reached this way; the system may know another.
  if (codes.includes('ECONNREFUSED')) return await lookupSystemName(host);
  if (codes.every((code) => code === 'ENOTFOUND' || code === 'ENODATA')) return [];
  throw notLookedUp(host, codes.find((code) => code !== 'ENODATA') ?? '');
}

/** As the system sees it, with its hosts file and search domains: for names an operator allowed. */
export async function lookupSystemName(host: string): Promise<readonly string[]> {
  try {
    return (await systemLookup(host, { all: true })).map(({ address }) => address);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code === 'ENOTFOUND' || code === 'ENODATA') return [];
    throw notLookedUp(host, code);
  }
}

/**
 * The addresses a request may connect to. They are checked here and connected to as they are: asking again when
 * connecting would let a name server answer first with a public address and then with one of ours.
 */
export async function resolveAllowed(
  address: URL,
  { allow, lookup }: { readonly allow: AllowList; readonly lookup: Lookup | null },
): Promise<readonly string[]> {
  const host = address.hostname.replace(/^\[(.*)\]$/, '$1');
  const isAllowedName = allow.allowsHost(host);
  if (isIP(host)) {
    if (!isAllowedName && !isAllowed(host, allow)) throw notAllowed(address);
    checkPort(address, isAllowedName || allow.allowsAddress(host));
    return [host];
  }
  const found = await (lookup ?? (isAllowedName || isLocalName(host) ? lookupSystemName : lookupPublicName))(host);
  if (found.length === 0 && !isLocalName(host)) throw unknownHost(address);
  const usable = isAllowedName
    ? found
    : found.filter((one) => (isLocalName(host) ? allow.allowsAddress(one) : isAllowed(one, allow)));
  if (usable.length === 0) throw notAllowed(address);
  checkPort(address, isAllowedName || usable.every((one) => allow.allowsAddress(one)));
  return usable;
}

const isAllowed = (address: string, allow: AllowList): boolean => isPublicAddress(address) || allow.allowsAddress(address);

function checkPort(address: URL, isListed: boolean): void {
  if (!isListed && address.port !== '' && isRefusedPort(Number(address.port))) throw notAllowed(address);
}

function notAllowed(address: URL): HttpFailed {
  return new HttpFailed('refused', {
    en: `${shownAddress(address)} may not be reached from here: only addresses of the public internet and those the operator allowed`,
    pt: `${shownAddress(address)} não pode ser acessado daqui: só endereços da internet pública e os que o operador permitiu`,
  });
}

function unknownHost(address: URL): HttpFailed {
  return new HttpFailed('not_connected', {
    en: `there is no host named ${address.hostname}`,
    pt: `não existe um servidor chamado ${address.hostname}`,
  });
}

function notLookedUp(host: string, code: string): HttpFailed {
  return new HttpFailed('not_connected', {
    en: `the name ${host} cannot be looked up now (${code})`,
    pt: `não foi possível consultar o nome ${host} agora (${code})`,
  });
}
