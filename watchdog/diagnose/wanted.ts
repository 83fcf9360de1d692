import type { Finding } from '../domain/finding.ts';
import type { Incident } from '../domain/incident.ts';
import type { Service } from '../domain/service.ts';
import type { Stack } from '../domain/stack.ts';
import { isStopping } from '../domain/wellness.ts';
import { patientFrom } from './patient-from.ts';

/** Nothing is wrong with it, and yet something is wanted: by a person, or by `restart: true` in `depends_on`. */
export const wanted = (finding: Finding, service: Service, stack: Stack): Incident | undefined =>
  finding.kind === 'asked' ? asked(finding, service) : restartedDependency(finding, service, stack);

/** Compose's `restart: true`: a dependant that has been running since before its dependency was started is started afresh. */
function restartedDependency(finding: Finding, service: Service, stack: Stack): Incident | undefined {
  if (finding.kind !== 'dependency-repaired') return undefined;
  const name = String(finding.evidence.dependency);
  if (!service.dependencies.some(d => d.service === name && d.restart)) return undefined;
  const dependency = stack.service({ project: service.project, service: name })?.replicas ?? [];
  // Not the end of the repair counts, which is its proof: who came back with its dependency meanwhile need not do so twice.
  const startedAt = Math.max(...dependency.map(replica => replica.inspected?.startedAt ?? 0));
  const before = service.replicas.filter(
    replica =>
      replica.state === 'running' &&
      (replica.inspected?.startedAt ?? 0) < startedAt &&
      // Whoever is stopping it wants it stopped; a restart would bring it back.
      !isStopping(replica, finding.seenAt),
  );
  if (before.length === 0) return undefined;
  return {
    project: service.project,
    service: service.service,
    kind: 'ailing',
    condition: 'dependency-restarted',
    because: `${name} was repaired, and ${service.service} asks to be restarted after that (restart: true)`,
    patients: before.map(patientFrom),
    evidence: { dependency: name },
    since: finding.at,
    stoppedByHandAt: undefined,
  };
}

/** Nothing is wrong, but a person wants it repaired: the whole service, as it stands. */
function asked(finding: Finding, service: Service): Incident {
  return {
    project: service.project,
    service: service.service,
    kind: 'ailing',
    condition: 'asked',
    because: finding.ask?.reason ?? 'a person asked for a repair',
    patients: service.replicas.map(patientFrom),
    evidence: {},
    since: finding.at,
    stoppedByHandAt: undefined,
  };
}
