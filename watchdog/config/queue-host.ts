/** As Compose's services and containers are called on their networks. Addresses in any spelling (`127.1`, `0x7f000001`) begin with a digit. */
const NAME_IN_A_NETWORK = /^[a-z][a-z0-9_-]{0,62}$/;
/** What names this machine on it. */
const OURSELVES = /^(?:localhost|ip6-[a-z]+)$/;

/**
 * Whether a label may name the place of a queue. A label is written by whoever writes a Compose file; the watchdog may stand where
 * that person's containers do not: on the host, in front of cloud metadata, beside the proxies of the engine. So a label reaches the
 * names of the watchdog's own networks, and what the operator lists beyond them.
 * @param queue an address that `redisList` has read
 * @param hosts `queues.hosts` of the configuration file
 */
export function mayBeNamedByLabel(queue: string, hosts: readonly string[]): boolean {
  const host = new URL(queue).hostname.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  if (hosts.some(listed => listed.toLowerCase() === host)) return true;
  return NAME_IN_A_NETWORK.test(host) && !OURSELVES.test(host);
}
