import { BlockList, isIP, isIPv6 } from 'node:net';

/**
 * Which addresses a program of a tenant may reach. A server stands inside networks its tenants have no business in: its
 * own services, the neighbours in the rack, the data centre's metadata service. So only addresses of the public internet
 * are allowed, and what an operator lists beside them.
 */

/** What the registries of special-purpose addresses keep from the public internet, and multicast. */
const specialIpv4 = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  specialIpv4.addSubnet(network, bits, 'ipv4');
// Public addresses at which clouds answer their own machines.
for (const address of ['168.63.129.16', '100.100.100.200']) specialIpv4.addAddress(address, 'ipv4');

/** Only 2000::/3 is given out at all; these are its parts that lead elsewhere. */
const globalIpv6 = new BlockList();
globalIpv6.addSubnet('2000::', 3, 'ipv6');
const specialIpv6 = new BlockList();
for (const [network, bits] of [
  ['2001::', 23], // Teredo, ORCHID, benchmarks
  ['2001:db8::', 32],
  ['2002::', 16], // 6to4: any IPv4 address in disguise
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
] as const)
  specialIpv6.addSubnet(network, bits, 'ipv6');

/** Whether an address, written as an IP address, is one of the public internet. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0 || address.includes('%')) return false;
  if (family === 4) return !specialIpv4.check(address, 'ipv4');
  const inside = embeddedIpv4(address);
  if (inside !== null) return !specialIpv4.check(inside, 'ipv4');
  return globalIpv6.check(address, 'ipv6') && !specialIpv6.check(address, 'ipv6');
}

/** Of a mapped address (::ffff:a.b.c.d) or one of the well-known NAT64 prefix, the IPv4 address it stands for. */
function embeddedIpv4(address: string): string | null {
  const words = ipv6Words(address);
  const isMapped = words.slice(0, 5).every((word) => word === 0) && words[5] === 0xffff;
  const isNat64 = words[0] === 0x64 && words[1] === 0xff9b && words.slice(2, 6).every((word) => word === 0);
  if (!isMapped && !isNat64) return null;
  const [high, low] = [words[6] ?? 0, words[7] ?? 0];
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

function ipv6Words(address: string): number[] {
  // The URL parser writes every form of an IPv6 address in the one canonical way, without dots.
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const words = (part: string): number[] => (part === '' ? [] : part.split(':').map((word) => Number.parseInt(word, 16)));
  const [before, after] = [words(head), words(tail ?? '')];
  return tail === undefined ? before : [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

/** Names that mean this machine or this network, whatever a name server says. */
export function isLocalName(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  if (!name.includes('.')) return true;
  return /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|lan|home|corp|private|home\.arpa)$/.test(name);
}

/**
 * What an operator allows beside the public internet: host names (`erp.example.com`, `*.example.com`), addresses
 * (`10.1.2.3`) and networks (`10.0.0.0/8`, `fd00::/8`). A name allows whatever address it leads to.
 */
export class AllowList {
  readonly #hosts = new Set<string>();
  readonly #suffixes: string[] = [];
  readonly #addresses = new BlockList();

  /** Throws for an entry that is neither, so that a slip of the pen is found at the start. */
  constructor(entries: readonly string[]) {
    for (const entry of entries.map((one) => one.trim().toLowerCase()).filter(Boolean)) this.#add(entry);
  }

  allowsHost(host: string): boolean {
    const name = host.toLowerCase().replace(/\.$/, '');
    return this.#hosts.has(name) || this.#suffixes.some((suffix) => name.endsWith(suffix));
  }

  allowsAddress(address: string): boolean {
    return isIP(address) !== 0 && this.#addresses.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  }

  #add(entry: string): void {
    const network = /^(.+)\/(\d{1,3})$/.exec(entry);
    const address = network?.[1] ?? entry;
    const family = isIP(address);
    if (family !== 0) {
      const bits = network ? Number(network[2]) : family === 4 ? 32 : 128;
      if (bits <= (family === 4 ? 32 : 128)) {
        this.#addresses.addSubnet(address, bits, family === 4 ? 'ipv4' : 'ipv6');
        return;
      }
    } else if (/^\*\.[a-z0-9-]+(?:\.[a-z0-9-]+)*$/.test(entry)) {
      this.#suffixes.push(entry.slice(1));
      return;
    } else if (/^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(entry) && !/^[\d.]+$/.test(entry)) {
      this.#hosts.add(entry);
      return;
    }
    throw new Error(`${entry} is neither a host name nor an address nor a network like 10.0.0.0/8`);
  }
}

/**
 * Ports at which other protocols listen, which a request can be made to speak by accident: those that browsers refuse,
 * and the ones of databases and queues.
 */
const refusedPorts = new Set([
  0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111, 113,
  115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 445, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554,
  556, 563, 587, 601, 636, 989, 990, 993, 995, 1433, 1521, 1719, 1720, 1723, 2049, 2379, 3306, 3389, 3659, 4045, 4190, 5060, 5061,
  5432, 5672, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 9092, 10080, 11211, 27017,
]);

export const isRefusedPort = (port: number): boolean => refusedPorts.has(port);
