import type { AlertRepair } from '../domain/alert.ts';
import { standingOf } from '../domain/approval.ts';
import type { Backup } from '../domain/backup.ts';
import type { Explanation } from '../domain/decision.ts';
import type { DecisionRecord, IncidentRecord, RepairRecord } from '../domain/records.ts';
import type { ServiceRef } from '../domain/service.ts';
import type { Instant } from '../domain/time.ts';
import { scalingBody } from './scaling-body.ts';
import type {
  AlertExplanationBody,
  BackupBody,
  DecisionBody,
  ExplanationBody,
  IncidentBody,
  RepairBody,
  ServiceBody,
} from './shapes.ts';
import type { AlertExplanation, ScalingView, ServiceView } from './watchdog-view.ts';

// From the domain's words to the wire's: instants become RFC 3339, containers become their names.

export const serviceBody = (view: ServiceView): ServiceBody => ({
  ...view,
  replicas: view.replicas.map(replica => ({
    ...replica,
    startedAt: stamp(replica.startedAt),
    lastProbe: replica.lastProbe && { ...replica.lastProbe, at: rfc3339(replica.lastProbe.at) },
  })),
  problems: [...view.problems],
  openIncident: view.openIncident && { ...view.openIncident, openedAt: rfc3339(view.openIncident.openedAt) },
  pause: view.pause && { ...view.pause, until: stamp(view.pause.until) },
  nextAction: view.nextAction && { ...view.nextAction, until: stamp(view.nextAction.until) },
  scaling: view.scaling && scalingBody(view.scaling),
});

export const incidentBody = (record: IncidentRecord, now: Instant): IncidentBody => ({
  id: record.id,
  key: record.key,
  project: record.project,
  service: record.service,
  kind: record.kind,
  condition: record.condition,
  state: record.state,
  because: record.because,
  replicas: record.patients.map(patient => patient.name),
  evidence: record.evidence,
  since: rfc3339(record.since),
  openedAt: rfc3339(record.openedAt),
  // The engine's clock can be ahead of ours.
  detectedSeconds: Math.max(0, record.openedAt - record.since) / 1_000,
  escalatedAt: stamp(record.escalatedAt),
  resolvedAt: stamp(record.resolvedAt),
  life: record.life.map(change => ({ ...change, at: rfc3339(change.at) })),
  approvals: record.approvals.map(approval => ({
    order: approval.id,
    strategy: approval.strategy,
    what: approval.what,
    standing: standingOf(approval, now),
    askedAt: rfc3339(approval.askedAt),
    expiresAt: rfc3339(approval.expiresAt),
    answeredAt: stamp(approval.answeredAt),
    ...(approval.reason !== '' && { reason: approval.reason }),
  })),
});

export const backupBody = (backup: Backup): BackupBody => ({ ...backup, at: rfc3339(backup.at) });

export const repairBody = (record: RepairRecord): RepairBody => ({
  id: record.id,
  incidentId: record.incidentId,
  project: record.project,
  service: record.service,
  kind: record.order.kind,
  condition: record.order.condition,
  strategy: record.order.strategy,
  replicas: record.order.targets.map(target => target.name),
  attempt: record.order.attempt,
  reason: record.order.reason,
  outcome: record.outcome,
  code: record.code,
  because: record.because,
  startedAt: rfc3339(record.startedAt),
  actedAt: stamp(record.actedAt),
  endedAt: stamp(record.endedAt),
  // What a step noted for its own recovery can hold environment variables; it stays in the ledger.
  steps: record.steps.map(({ step, at }) => ({ step, at: rfc3339(at) })),
});

export const decisionBody = (record: DecisionRecord): DecisionBody => ({
  ...record,
  firstAt: rfc3339(record.firstAt),
  lastAt: rfc3339(record.lastAt),
  until: stamp(record.until),
});

export function explanationBody(
  ref: ServiceRef & { readonly scaling?: ScalingView | undefined },
  { diagnosis, order, answers, decision }: Explanation,
): ExplanationBody {
  const incident = diagnosis.verdict === 'incident' ? diagnosis.incident : undefined;
  return {
    project: ref.project,
    service: ref.service,
    verdict: diagnosis.verdict,
    because: diagnosis.verdict === 'incident' ? diagnosis.incident.because : diagnosis.because,
    incident: incident && {
      kind: incident.kind,
      condition: incident.condition,
      because: incident.because,
      replicas: incident.patients.map(patient => patient.name),
      since: rfc3339(incident.since),
      evidence: incident.evidence,
    },
    order: order && {
      strategy: order.strategy,
      with: order.with,
      replicas: order.targets.map(target => target.name),
      attempt: order.attempt,
      reason: order.reason,
    },
    gates: answers.map(({ code, objection }) => ({
      code,
      objection: objection?.because,
      until: stamp(objection?.until),
    })),
    decision: decision?.verdict,
    scaling: ref.scaling && scalingBody(ref.scaling),
  };
}

export function alertExplanationBody({ alert, name, outcome }: AlertExplanation): AlertExplanationBody {
  const { fingerprint, status } = alert;
  const { verdict } = outcome;
  if (verdict !== 'found')
    return {
      name,
      fingerprint,
      status,
      verdict,
      because: outcome.because,
      ...(verdict === 'refused' && { code: outcome.code }),
    };
  const { about, explanation } = outcome;
  return {
    name,
    fingerprint,
    status,
    verdict,
    because: `found by ${about.foundBy}`,
    repair: repairInWords(about.wants),
    explanation: explanationBody(about.target, explanation),
  };
}

const repairInWords = (wants: AlertRepair): string => {
  if (wants.kind === 'none') return 'none';
  return wants.kind === 'playbook' ? `playbook:${wants.name}` : wants.name;
};

const rfc3339 = (at: Instant): string => new Date(at).toISOString();

const stamp = (at: Instant | undefined): string | undefined => (at === undefined ? undefined : rfc3339(at));
