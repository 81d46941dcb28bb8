// Which IP addresses are anybody's to reach, and which belong to this machine and to the network it stands in.
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/**
 * Networks that are not of the public Internet.
 * https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry
 */
const INTERNAL_IPV4 = [
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // shared behind a carrier's NAT
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link-local, where clouds tell machines their secrets
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.168.0.0', 16], // private
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 3], // multicast, reserved, broadcast
] as const;
const INTERNAL_IPV6 = [
  ['2001::', 23], // protocol assignments, Teredo
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4: an IPv4 address within
] as const;
/** Of IPv6 only this is handed out; unique local, link-local, loopback and the rest lie outside. */
const PUBLIC_IPV6 = ['2000::', 3] as const;
/** IPv4 addresses as a network without IPv4 reaches them. */
const TRANSLATED = '64:ff9b::';

const internal = new BlockList();
const publicIpv6 = new BlockList();
const loopback = new BlockList();
// A list takes IPv4-mapped addresses (::ffff:127.0.0.1) for what they are.
for (const [network, prefix] of INTERNAL_IPV4) {
  internal.addSubnet(network, prefix, 'ipv4');
  internal.addSubnet(`${TRANSLATED}${network}`, 96 + prefix, 'ipv6');
}
for (const [network, prefix] of INTERNAL_IPV6) internal.addSubnet(network, prefix, 'ipv6');
publicIpv6.addSubnet(...PUBLIC_IPV6, 'ipv6');
publicIpv6.addSubnet(TRANSLATED, 96, 'ipv6');
publicIpv6.addSubnet('::ffff:0:0', 96, 'ipv6');
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** @param address an IP address, without brackets */
export const isPublicAddress = (address: string): boolean =>
  isIP(address) === 6
    ? publicIpv6.check(address, 'ipv6') && !internal.check(address, 'ipv6')
    : !internal.check(address, 'ipv4');

/** The host of an address as URLs have it, without the brackets of IPv6. */
export const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, '');

/** This machine, by name or by address. */
export const isLoopbackHost = (host: string): boolean => {
  const family = isIP(host);
  if (family === 0) return /^(.+\.)?localhost\.?$/i.test(host);
  return loopback.check(host, family === 6 ? 'ipv6' : 'ipv4');
};

/** All addresses that a host has by the system's resolver. */
export const addressesOf = async (host: string): Promise<{ address: string; family: number }[]> =>
  isIP(host) ? [{ address: host, family: isIP(host) }] : lookup(host, { all: true });
