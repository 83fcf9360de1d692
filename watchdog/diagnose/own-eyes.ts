import type { Incident } from '../domain/incident.ts';
import { nameOf, type Replica, type Service } from '../domain/service.ts';
import type { Stack } from '../domain/stack.ts';
import type { Instant } from '../domain/time.ts';
import { isWell, wellSince } from '../domain/wellness.ts';
import type { Ailment, Excuse } from './ailment.ts';
import { judges } from './conditions.ts';
import { patientFrom } from './patient-from.ts';

/** What our own eyes, which are the engine's, say of one container. */
export interface Judged {
  readonly replica: Replica;
  readonly judgement: Ailment | Excuse | undefined;
}

interface Ill {
  readonly replica: Replica;
  readonly judgement: Ailment;
}

/** Asks every judge about every container of the service. */
export const lookedAt = (service: Service, stack: Stack, at: Instant): readonly Judged[] =>
  service.replicas.map(replica => ({ replica, judgement: judge(replica, service, stack, at) }));

function judge(replica: Replica, service: Service, stack: Stack, at: Instant): Ailment | Excuse | undefined {
  for (const ask of judges) {
    const answer = ask({ replica, service, stack, at });
    if (answer !== undefined) return answer;
  }
  return undefined;
}

/** The containers with the condition of the one that the finding names, else of the first that is ill. Undefined when none is. */
export function ailing(judged: readonly Judged[], service: Service, named: string | undefined): Incident | undefined {
  const ill = judged.filter((entry): entry is Ill => entry.judgement !== undefined && 'condition' in entry.judgement);
  const first = ill.find(entry => entry.replica.id === named) ?? ill[0];
  if (first === undefined) return undefined;
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

/** Where nobody is ill: well, and since when; else whose turn it is. */
export function withoutIllness(
  judged: readonly Judged[],
  service: Service,
): { readonly because: string; readonly wellSince: Instant | undefined } {
  const excuses = judged.flatMap(({ judgement }) =>
    judgement !== undefined && 'excuse' in judgement ? judgement : [],
  );
  const excuse = excuses.find(({ completed }) => !completed);
  if (excuse !== undefined) return { because: excuse.excuse, wellSince: undefined };
  const waiting = judged.find(({ replica, judgement }) => judgement === undefined && !isWell(replica))?.replica;
  if (waiting !== undefined) return { because: `${waiting.name} is ${stateInWords(waiting)}`, wellSince: undefined };
  const health = service.replicas.some(replica => replica.health === 'healthy') ? ' and is healthy' : '';
  return {
    because: excuses[0]?.excuse ?? `${nameOf(service)} runs${health}`,
    wellSince: Math.max(...service.replicas.map(wellSince)),
  };
}

/** Containers about which our own eyes have nothing to say: they run, are not being stopped, and their health check agrees. */
export const atEase = (judged: readonly Judged[]): readonly Replica[] =>
  judged.flatMap(({ replica, judgement }) => (judgement === undefined && isWell(replica) ? replica : []));

const stateInWords = (replica: Replica): string => (replica.state === 'running' ? replica.health : replica.state);
