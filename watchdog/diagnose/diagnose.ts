import type { Finding } from '../domain/finding.ts';
import { HOST } from '../domain/finding.ts';
import type { Diagnosis, Incident, Patient } from '../domain/incident.ts';
import type { Replica, Service } from '../domain/service.ts';
import { nameOf } from '../domain/service.ts';
import type { Stack } from '../domain/stack.ts';
import { isStopping, isWell, wellSince } from '../domain/wellness.ts';
import type { Ailment, Excuse } from './ailment.ts';
import { judges } from './conditions.ts';

/** What the finding means, given the stack as it stands now. Always with a sentence why. */
export function diagnose(finding: Finding, stack: Stack): Diagnosis {
  if (finding.target.project === HOST) return diagnoseEngine(finding);
  const service = stack.service(finding.target);
  if (service === undefined)
    return { verdict: 'well', because: `${nameOf(finding.target)} has no containers any more`, wellSince: 0 };

  const judged = service.replicas.map(replica => ({
    replica,
    judgement: judge(replica, service, stack, finding.seenAt),
  }));
  const ill = judged.filter((entry): entry is Ill => entry.judgement !== undefined && 'condition' in entry.judgement);
  const first = ill.find(entry => entry.replica.id === finding.target.containerId) ?? ill[0];
  if (first !== undefined) return { verdict: 'incident', incident: incidentFrom(first, ill, service) };

  const wanted = finding.kind === 'asked' ? asked(finding, service) : restartedDependency(finding, service, stack);
  if (wanted !== undefined) return { verdict: 'incident', incident: wanted };
  const excuses = judged.flatMap(({ judgement }) =>
    judgement !== undefined && 'excuse' in judgement ? judgement : [],
  );
  const excuse = excuses.find(({ completed }) => !completed);
  if (excuse !== undefined) return { verdict: 'nothing-wrong', because: excuse.excuse };
  const waiting = judged.find(({ replica, judgement }) => judgement === undefined && !isWell(replica))?.replica;
  if (waiting !== undefined)
    return { verdict: 'nothing-wrong', because: `${waiting.name} is ${stateInWords(waiting)}` };
  const health = service.replicas.some(replica => replica.health === 'healthy') ? ' and is healthy' : '';
  return {
    verdict: 'well',
    because: excuses[0]?.excuse ?? `${nameOf(service)} runs${health}`,
    wellSince: Math.max(...service.replicas.map(wellSince)),
  };
}

interface Ill {
  readonly replica: Replica;
  readonly judgement: Ailment;
}

function judge(replica: Replica, service: Service, stack: Stack, at: number): Ailment | Excuse | undefined {
  for (const ask of judges) {
    const answer = ask({ replica, service, stack, at });
    if (answer !== undefined) return answer;
  }
  return undefined;
}

function incidentFrom(first: Ill, ill: readonly Ill[], service: Service): Incident {
  const alike = ill.filter(entry => entry.judgement.condition === first.judgement.condition);
  const handStops = alike.map(entry => entry.judgement.stoppedByHandAt);
  const byHand = handStops.every(at => at !== undefined);
  const others = alike.length > 1 ? ` (and ${alike.length - 1} more of its replicas)` : '';
  return {
    project: service.project,
    service: service.service,
    kind: 'ailing',
    condition: first.judgement.condition,
    because: `${first.judgement.because}${others}`,
    patients: alike.map(({ replica }) => patientFrom(replica)),
    evidence: first.judgement.evidence,
    since: Math.min(...alike.map(entry => entry.judgement.since)),
    stoppedByHandAt: byHand ? Math.max(...handStops) : undefined,
  };
}

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

const patientFrom = ({ id, name, number }: Replica): Patient => ({ id, name, number });

function diagnoseEngine(finding: Finding): Diagnosis {
  if (finding.kind === 'engine-back') return { verdict: 'well', because: 'the engine answers', wellSince: 0 };
  if (finding.kind !== 'engine-lost') return { verdict: 'nothing-wrong', because: 'no news of the engine' };
  return {
    verdict: 'incident',
    incident: {
      project: HOST,
      service: 'engine',
      kind: 'host',
      condition: 'engine-lost',
      because: `the Docker engine does not answer: ${String(finding.evidence.reason)}`,
      patients: [],
      evidence: finding.evidence,
      since: finding.at,
      stoppedByHandAt: undefined,
    },
  };
}

const stateInWords = (replica: Replica): string => (replica.state === 'running' ? replica.health : replica.state);
