import ipaddr from "ipaddr.js";

/** An IP address. One of IPv4 that is written as IPv6 is one of IPv4. */
export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** An address as proxies write it; a port is cut off. `undefined` for anything else: octal, hex, names. */
export function parseAddress(text: string): Address | undefined {
  const [, bracketed, dotted] = /^(?:\[([^\]]*)\](?::\d{1,5})?|([\d.]+):\d{1,5})$/.exec(text) ?? [];
  return parseBare(bracketed ?? dotted ?? text);
}

function parseBare(text: string): Address | undefined {
  if (text.length > 64) return undefined; // 45, and a zone
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  return text.includes(":") && ipaddr.IPv6.isValid(text) ? ipaddr.process(text) : undefined;
}

/** Whether an address is one of this machine's own loopback. */
export const isLoopback = (address: Address): boolean => address.range() === "loopback";

/** What is counted as one sender: an address of IPv4, or 64 bits of IPv6, of which everybody has that many. */
export function senderOf(address: Address): string {
  if (address instanceof ipaddr.IPv4) return address.toString();
  return `${new ipaddr.IPv6([...address.parts.slice(0, 4), 0, 0, 0, 0]).toRFC5952String()}/64`;
}

/** Whether an address belongs to a network. */
export type Network = (address: Address) => boolean;

/** `ADDRESS` or `ADDRESS/BITS`; `undefined` if it is neither, or everybody's. */
export function parseNetwork(text: string): Network | undefined {
  const [, start = "", bits] = /^([^/[\]]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = start.includes("%") ? undefined : parseBare(start);
  if (!address) return undefined;
  const width = address.kind() === "ipv4" ? 32 : 128;
  const written = bits === undefined ? width : Number(bits);
  // As in ::ffff:10.0.0.0/104.
  const length = width === 32 && start.includes(":") && bits !== undefined ? written - 96 : written;
  if (length < 1 || length > width) return undefined;
  return (other) => other.kind() === address.kind() && other.match(address, length);
}

/**
 * Whether an address belongs to the internet at large (RFC 6890): neither private nor of this machine, this link, a
 * carrier, documentation, multicast, or a way to write an address of IPv4 in one of IPv6.
 */
export const isPublic = (address: Address): boolean =>
  address.range() === "unicast" && (address.kind() === "ipv4" || address.match(everybody, 3));

const everybody = ipaddr.IPv6.parse("2000::"); // RFC 4291, 2.4: of what remains, nothing else is given out
