import { ALLOWANCES, type Allowance, type MeasuredCondition, usesTooMuch } from '../domain/allowance.ts';
import type { Incident } from '../domain/incident.ts';
import type { Sample } from '../domain/sample.ts';
import type { Replica, Service } from '../domain/service.ts';
import { type Duration, type Instant, inWords } from '../domain/time.ts';
import { patientFrom } from './patient-from.ts';

/** A gap of more than so many sampling intervals breaks the evidence: nobody knows what was in between. */
const INTERVALS_IN_A_GAP = 2;

/** The longest allowance: by then it would have shown that somebody measures a container, and what that finds. */
export const LONGEST_ALLOWANCE: Duration = Math.max(...Object.values(ALLOWANCES).map(({ lasting }) => lasting));

/**
 * Containers that have used more than they may for as long as the condition wants, by what we measured ourselves: the first
 * condition that any of them has, and all that have it. Only those that our own eyes find nothing wrong with are asked.
 */
export function starved(
  service: Service,
  replicas: readonly Replica[],
  sampledEvery: Duration,
  at: Instant,
): Incident | undefined {
  for (const [condition, allowance] of Object.entries(ALLOWANCES) as [MeasuredCondition, Allowance][]) {
    const found = replicas.flatMap(replica => {
      const since = aboveSince(replica.samples, allowance, sampledEvery, at);
      return since === undefined ? [] : { replica, since };
    });
    const [first] = found;
    if (first !== undefined)
      return incidentFrom(
        service,
        condition,
        found.map(({ replica }) => replica),
        first,
        at,
      );
  }
  return undefined;
}

function incidentFrom(
  service: Service,
  condition: MeasuredCondition,
  replicas: readonly Replica[],
  first: { readonly replica: Replica; readonly since: Instant },
  at: Instant,
): Incident {
  const now = first.replica.samples.findLast(sample => ALLOWANCES[condition].of(sample) !== undefined);
  const others = replicas.length > 1 ? ` (and ${replicas.length - 1} more of its replicas)` : '';
  return {
    project: service.project,
    service: service.service,
    kind: 'starved',
    condition,
    because: `${first.replica.name} ${inSentence(condition, now)}, for ${inWords(at - first.since)}${others}`,
    patients: replicas.map(patientFrom),
    evidence: now === undefined ? {} : evidenceIn(now),
    since: first.since,
    stoppedByHandAt: undefined,
  };
}

/**
 * Since when every sample has been above, if that is long enough. The window has to be covered whole: by a sample at its
 * beginning or before, a newest one that is fresh, and no gap in between. A sample that says nothing about this counts as missing.
 */
export function aboveSince(
  samples: readonly Sample[],
  { of, most, lasting }: Allowance,
  sampledEvery: Duration,
  at: Instant,
): Instant | undefined {
  let from = at;
  for (const sample of samples.toReversed()) {
    const value = of(sample);
    if (value === undefined) continue;
    if (value <= most || from - sample.at > INTERVALS_IN_A_GAP * sampledEvery) break;
    from = sample.at;
  }
  return from <= at - lasting ? from : undefined;
}

/**
 * Since when no container of the service has used more than it may; undefined while one does, or while it is too early to know.
 * A first sample shows no CPU use, so a container that has just been started is judged from its second one on. What stands
 * still uses nothing. Where nobody measures, that counts as well once it could have been found starved.
 */
export function withinAllowanceSince(replicas: readonly Replica[]): Instant | undefined {
  let since = 0;
  for (const { state, samples, inspected, createdAt } of replicas) {
    if (state !== 'running') continue;
    const own =
      samples.length === 0
        ? (inspected?.startedAt ?? createdAt) + LONGEST_ALLOWANCE
        : trailing(samples.filter(showsCpu))?.at;
    if (own === undefined) return undefined;
    since = Math.max(since, own);
  }
  return since;
}

const showsCpu = ({ cpu }: Sample): boolean => cpu !== undefined;

/** The first of those at the end that are within what they may be. */
function trailing(samples: readonly Sample[]): Sample | undefined {
  return samples[samples.findLastIndex(usesTooMuch) + 1];
}

function inSentence(condition: MeasuredCondition, now: Sample | undefined): string {
  switch (condition) {
    case 'high-memory':
      return `uses ${percent(now?.memory)} of its memory limit`;
    case 'high-cpu':
      return `uses ${percent(now?.cpu)} of the CPU it may have`;
    case 'network-errors':
      return `has ${Math.round(now?.networkErrors ?? 0)} errors and drops a second on its network`;
  }
}

const percent = (share = 0): string => `${Math.round(share * 100)} %`;

const evidenceIn = ({ memory, cpu, networkErrors }: Sample): Incident['evidence'] => ({
  memory: percent(memory),
  ...(cpu === undefined ? {} : { cpu: percent(cpu) }),
  ...(networkErrors ? { networkErrors: Math.round(networkErrors) } : {}),
});
