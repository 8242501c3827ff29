/**
 * Whether the hostname of a URL is that of this machine. The WHATWG URL parser has made every spelling of an IPv4 address
 * dotted decimal by now.
 */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
