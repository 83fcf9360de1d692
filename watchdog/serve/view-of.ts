import type { Explanation, Pause } from '../domain/decision.ts';
import type { IncidentRecord } from '../domain/records.ts';
import type { Health, Replica, Service, State } from '../domain/service.ts';
import type { NextAction, PolicyValue, ReplicaView, ScalingView, ServiceView } from './watchdog-view.ts';

/** What is known of a service besides its containers. */
export interface Known {
  readonly policy: Readonly<Record<string, PolicyValue>>;
  readonly problems: readonly string[];
  readonly open: IncidentRecord | undefined;
  readonly pause: Pause | undefined;
  readonly scaling: ScalingView | undefined;
  /** Undefined while nothing is wrong. */
  readonly explanation: Explanation;
}

/** Worst first: what people should see of a service with several replicas. */
const STATES: readonly State[] = ['dead', 'restarting', 'exited', 'removing', 'created', 'paused', 'running'];
const HEALTHS: readonly Health[] = ['unhealthy', 'starting', 'none', 'healthy'];

/** A service as people see it. */
export function viewOf(service: Service, known: Known): ServiceView {
  const { replicas } = service;
  const { open } = known;
  return {
    project: service.project,
    service: service.service,
    state: STATES.find(state => replicas.some(replica => replica.state === state)),
    health: HEALTHS.find(health => replicas.some(replica => replica.health === health)) ?? 'none',
    replicas: replicas.map(replicaView),
    policy: known.policy,
    problems: known.problems,
    openIncident: open && {
      id: open.id,
      condition: open.condition,
      state: open.state,
      because: open.because,
      openedAt: open.openedAt,
    },
    pause: known.pause,
    nextAction: nextAction(known.explanation),
    scaling: known.scaling,
  };
}

const replicaView = (replica: Replica): ReplicaView => ({
  name: replica.name,
  number: replica.number,
  id: replica.id.slice(0, 12),
  state: replica.state,
  health: replica.health,
  exitCode: replica.state === 'running' ? undefined : replica.exitCode,
  restarts: replica.inspected?.restartCount,
  startedAt: replica.inspected?.startedAt,
  lastProbe: replica.inspected?.lastProbe,
});

function nextAction({ decision, diagnosis }: Explanation): NextAction | undefined {
  if (decision === undefined) return undefined;
  const strategy = decision.order?.strategy;
  if (decision.verdict === 'go') {
    const because = diagnosis.verdict === 'incident' ? diagnosis.incident.because : diagnosis.because;
    return { verdict: 'go', code: undefined, because, strategy, until: undefined };
  }
  const { code, because, until } = decision.objection;
  return { verdict: 'stand-back', code, because, strategy, until };
}
