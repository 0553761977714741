import { BlockList, isIP } from 'node:net';
import { type AllowedLocations, allowedFor } from '@shardmill/core';

/** What a job's receiver may be. */
export type HostRule =
  /** Any address: the receiver is the operator's, or the user's own machine sends. */
  | 'any'
  /** Any but those at which clouds keep credentials: the operator named the host. */
  | 'named'
  /** Public ones only. */
  | 'public';

/** Where clouds keep the metadata and credentials of a machine, and all else that is link-local. */
const METADATA = lazyBlockList(
  ['169.254.0.0', 16],
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
  ['192.0.0.192', 32],
  ['fe80::', 10],
  ['fd00:ec2::254', 128],
  ['fd20:ce::254', 128],
);

/** Of this machine, of private networks, or of no single machine. */
const NOT_PUBLIC = lazyBlockList(
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
  ['::', 128],
  ['::1', 128],
  ['fc00::', 7],
  ['fec0::', 10],
  ['ff00::', 8],
);

/** IPv6 addresses that lead to IPv4 ones which are not seen in them: NAT64, 6to4, Teredo. */
const TRANSLATED = lazyBlockList(['64:ff9b::', 32], ['2002::', 16], ['2001::', 32]);

/** Why an address may not be used; undefined where it may. */
export function addressFault(address: string, rule: HostRule): string | undefined {
  if (rule === 'any') return undefined;
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(address) === 0) return 'is no address';
  // An IPv4 address in the form of IPv6 is checked as the former by `BlockList` itself.
  if (METADATA().check(address, family)) return 'is link-local or one of cloud metadata';
  if (TRANSLATED().check(address, family))
    return 'leads to another address in a way not looked into';
  if (rule === 'named') return undefined;
  return NOT_PUBLIC().check(address, family) ? 'is not public' : undefined;
}

/**
 * What the receiver of a job may be on a fleet.
 * @returns undefined where the host is none that `allow.notify` names for the job.
 */
export function hostRule(
  allow: AllowedLocations | undefined,
  job: string,
  host: string,
): Exclude<HostRule, 'any'> | undefined {
  const allowed = allowedFor(allow, 'notify', job);
  if (allowed === undefined) return 'public';
  return allowed.some((pattern) => matchesHost(pattern, host)) ? 'named' : undefined;
}

/** `hooks.example.com`, or `*.example.com` for all names below it. */
function matchesHost(pattern: string, host: string): boolean {
  const [wanted, seen] = [pattern.toLowerCase(), host.toLowerCase()];
  return wanted.startsWith('*.') ? seen.endsWith(wanted.slice(1)) : seen === wanted;
}

/** A list that is made when it is first used: it takes some milliseconds, and most runs send nothing. */
function lazyBlockList(...subnets: readonly (readonly [string, number])[]): () => BlockList {
  let made: BlockList | undefined;
  return () => {
    made ??= blockList(subnets);
    return made;
  };
}

function blockList(subnets: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of subnets) {
    list.addSubnet(net, prefix, isIP(net) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}
