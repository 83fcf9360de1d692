import type { Replica, ServiceRef } from '../domain/service.ts';
import type { Stack } from '../domain/stack.ts';

/** Who is who in the stack, by everything that an alert may call it. Made for one batch: it does not follow changes. */
export interface Directory {
  has(ref: ServiceRef): boolean;
  /** All services of this name, one for each project. */
  named(service: string): readonly ServiceRef[];
  replicas(ref: ServiceRef): readonly Replica[];
  /** By name, full id, or the first twelve digits or more of it. */
  container(nameOrId: string): Replica | undefined;
  /** Those that a network knows by this name or address. */
  at(host: string): readonly Replica[];
}

/** One-offs (`docker compose run`) are of no service and not in it. */
export function directoryOf(stack: Pick<Stack, 'service' | 'services'>): Directory {
  const services = [...stack.services()];
  const byName = Map.groupBy(services, ({ service }) => service);
  const containers = new Map<string, Replica>();
  const hosts = new Map<string, Set<Replica>>();
  for (const replica of services.flatMap(({ replicas }) => replicas)) {
    for (const key of [replica.id, shortId(replica.id), replica.name]) containers.set(key, replica);
    for (const host of hostsOf(replica)) {
      const known = hosts.get(host);
      if (known === undefined) hosts.set(host, new Set([replica]));
      else known.add(replica);
    }
  }
  return {
    has: ref => stack.service(ref) !== undefined,
    named: service => byName.get(service) ?? [],
    replicas: ref => stack.service(ref)?.replicas ?? [],
    container: nameOrId => {
      const found = containers.get(nameOrId);
      if (found !== undefined || !/^[0-9a-f]{12,64}$/.test(nameOrId)) return found;
      const candidate = containers.get(shortId(nameOrId));
      return candidate?.id.startsWith(nameOrId) ? candidate : undefined;
    },
    at: host => [...(hosts.get(host.toLowerCase()) ?? [])],
  };
}

/** Compose gives every container the service's name as an alias; the engine adds the short id, and the name on its own networks. */
const hostsOf = ({ id, name, service, addresses, inspected }: Replica): readonly string[] =>
  [service, name, shortId(id), ...addresses, ...(inspected?.aliases ?? [])].map(host => host.toLowerCase());

const shortId = (id: string): string => id.slice(0, 12);
