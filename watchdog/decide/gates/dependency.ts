import type { Gate } from '../../domain/decision.ts';
import { isSeed } from '../../domain/scaling.ts';
import type { Dependency, Service } from '../../domain/service.ts';
import type { Stack } from '../../domain/stack.ts';
import { isDone, isWell } from '../../domain/wellness.ts';

/**
 * A sick dependency makes its callers look sick. Restarting those costs their warm caches and heals nothing, so the lowest
 * sick service goes first.
 */
export const dependency: Gate = {
  code: 'dependency',
  evenWhenAsked: false,
  objection: ({ service, stack, beyondRepair, underRepair }) => {
    const sick = service?.dependencies.find(
      needed =>
        !beyondRepair.includes(needed.service) &&
        (underRepair.includes(needed.service) || isSick(needed, service, stack)),
    );
    if (sick === undefined) return undefined;
    return {
      code: 'dependency',
      because: `${sick.service}, which it depends on, is not well; that comes first`,
      until: undefined,
      tell: false,
    };
  },
};

function isSick(needed: Dependency, dependant: Service, stack: Stack): boolean {
  const service = stack.service({ project: dependant.project, service: needed.service });
  // Not part of this deployment (a profile, another project): nobody could heal it here.
  if (service === undefined) return false;
  // Two that depend on each other would wait for each other for ever.
  if (dependsOn(service, dependant.service, stack, new Set())) return false;
  // A server that ended with 0 is as much gone as one that crashed; what was scaled to nothing is not needed by anybody right now.
  const project = [...stack.services(service.project)];
  return !service.replicas.some(
    replica => isWell(replica) || isSeed(replica) || (isDone(replica, project) && needed.condition !== 'healthy'),
  );
}

function dependsOn(service: Service, wanted: string, stack: Stack, visited: Set<string>): boolean {
  if (visited.has(service.service)) return false;
  visited.add(service.service);
  return service.dependencies.some(({ service: name }) => {
    if (name === wanted) return true;
    const next = stack.service({ project: service.project, service: name });
    return next !== undefined && dependsOn(next, wanted, stack, visited);
  });
}
