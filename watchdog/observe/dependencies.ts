import type { Dependency, Replica, ServiceRef } from '../domain/service.ts';

/** Only Compose v2 writes it: `db:service_healthy:true,cache:service_started:false` (service, condition, restart). */
export const DEPENDS_ON_LABEL = 'com.docker.compose.depends_on';

const CONDITIONS: ReadonlyMap<string, Dependency['condition']> = new Map([
  ['service_started', 'started'],
  ['service_healthy', 'healthy'],
  ['service_completed_successfully', 'completed'],
]);

/** Reads Compose's label; unknown conditions count as `started`, as Compose's own default does. */
export function dependenciesFromLabel(label: string): Dependency[] {
  return label
    .split(',')
    .map(entry => entry.trim().split(':'))
    .filter(([service]) => service !== undefined && service !== '')
    .map(([service = '', condition = '', restart = '']) => ({
      service,
      condition: CONDITIONS.get(condition) ?? 'started',
      restart: restart === 'true',
    }));
}

/**
 * Everything a service needs from others of its project: Compose's label, shared namespaces and volumes, and our own label.
 * The first mention of a service wins, as Compose's label says most about it.
 */
export function dependenciesOf(
  replicas: readonly Replica[],
  declared: readonly string[],
  ownerOf: (containerId: string) => ServiceRef | undefined,
): Dependency[] {
  const found = new Map<string, Dependency>();
  const add = (dependency: Dependency, self: string) => {
    if (dependency.service !== self && !found.has(dependency.service)) found.set(dependency.service, dependency);
  };
  for (const replica of replicas) {
    const label = replica.labels[DEPENDS_ON_LABEL];
    if (label !== undefined) for (const dependency of dependenciesFromLabel(label)) add(dependency, replica.service);
    const shared = [replica.networkParent, ...(replica.inspected?.sharesWith ?? [])];
    for (const parent of shared) {
      const owner = parent === undefined ? undefined : ownerOf(parent);
      if (owner?.project === replica.project)
        add({ service: owner.service, condition: 'started', restart: false }, replica.service);
    }
    for (const service of declared) add({ service, condition: 'started', restart: false }, replica.service);
  }
  return [...found.values()];
}
