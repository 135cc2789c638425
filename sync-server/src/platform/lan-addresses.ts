import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

/** An address under which other devices may reach this machine. */
export interface LanAddress {
  readonly address: string;
  readonly interface: string;
}

/** Networks that programs on this machine made for themselves: bridges of containers and virtual machines. */
const isVirtual = (name: string): boolean => /^(?:docker|br-|veth|virbr|vmnet|vboxnet|podman|cni|flannel)/.test(name);

/** Given by nobody: a device took it because no one answered. Works between neighbours, if need be. */
const isLinkLocal = (address: string): boolean => address.startsWith('169.254.');

/** Less is better: what a phone in the same tent most likely reaches comes first. */
const rank = (it: LanAddress): number => (isVirtual(it.interface) ? 2 : 0) + (isLinkLocal(it.address) ? 1 : 0);

/**
 * The addresses for other devices, best first. IPv4 only: it is what a tent's router gives, and what a person can read out.
 *
 * @param interfaces as `os.networkInterfaces()` tells them
 */
export const lanAddressesOf = (
  interfaces: Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>,
): readonly LanAddress[] =>
  Object.entries(interfaces)
    .flatMap(([name, infos]) => (infos ?? []).map((info) => ({ name, info })))
    .filter(({ info }) => info.family === 'IPv4' && !info.internal)
    .map(({ name, info }) => ({ address: info.address, interface: name }))
    .sort((a, b) => rank(a) - rank(b));

export const lanAddresses = (): readonly LanAddress[] => lanAddressesOf(networkInterfaces());
