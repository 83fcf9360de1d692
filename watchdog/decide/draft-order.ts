import { FIND_ALTERNATIVE_PORT } from '../domain/alternative-port.ts';
import type { Case } from '../domain/decision.ts';
import type { Rung } from '../domain/playbook.ts';
import type { Policy } from '../domain/policy.ts';
import type { Order } from '../domain/repair.ts';
import { cappedAttempts, coolingUntil, failuresInARow } from './attempts.ts';
import { standingOn } from './question-about.ts';
import { sizeWith } from './sizing-of.ts';

/**
 * What we would do, before asking whether we may: the rung after as many as have failed, the last one again when the ladder is
 * used up, and none below the one that people are asked about. Undefined when the playbook leaves it to people, or there is none.
 */
export function draftOrder(facts: Case): Order | undefined {
  const rung = rungFor(facts);
  return rung && orderFor(rung, facts);
}

function orderFor(rung: Rung, facts: Case): Order | undefined {
  const { incident, playbook, policy, asked, onService } = facts;
  const ofService = onService.includes(rung.strategy);
  // The host's own incidents have no patients; a service whose containers are all gone needs no repair.
  if (incident.patients.length === 0 && incident.kind !== 'host' && !ofService) return undefined;
  const told = ofService ? sizeWith(facts, rung) : rung.with;
  if (told === undefined) return undefined;
  const parent = incident.evidence.networkParent;
  return {
    project: incident.project,
    service: incident.service,
    kind: incident.kind,
    condition: incident.condition,
    strategy: rung.strategy,
    with: parent === undefined ? told : { ...told, networkParent: parent },
    ...(rung.danger === undefined ? {} : { danger: rung.danger }),
    targets: ofService ? [] : dueTargets(facts, playbook?.cooldown ?? policy.cooldown),
    attempt: cappedAttempts(facts).length + 1,
    reason: asked?.reason ?? incident.because,
    asked: asked !== undefined,
    stopTimeout: policy.stopTimeout,
    ...(incident.alert === undefined ? {} : { alert: incident.alert }),
    ...(incident.error === undefined ? {} : { error: incident.error }),
  };
}

/** What a person wants, else what the playbook says next; undefined when it leaves it to people. */
const rungFor = (facts: Case): Rung | undefined =>
  facts.asked?.strategy === undefined
    ? nextRung(facts)
    : { strategy: facts.asked.strategy, with: facts.asked.with ?? {} };

/** Would the next order change the number of replicas? */
export function wouldResize(facts: Case): boolean {
  const rung = rungFor(facts);
  return rung !== undefined && facts.onService.includes(rung.strategy);
}

function nextRung(facts: Case): Rung | undefined {
  const { incident, playbook, past, policy } = facts;
  // What a log tells is the word of a stranger: it may be old, quoted, or about somebody else.
  if (incident.error?.elseWell && !playbook?.evenIfWell) return undefined;
  // To start what runs changes nothing, and whoever waits for an effect tells people minutes later. That rung is for what has ended.
  const allowed = allowedOf(playbook?.ladder ?? [], policy);
  const ladder = allowed.filter(({ strategy }) => strategy !== 'start' || !allRun(facts));
  const climbed = Math.min(failuresInARow(past).length, ladder.length - 1);
  return ladder[Math.max(climbed, inQuestion(ladder, facts))];
}

/**
 * The highest rung that people are asked about, or have said yes to; -1 where there is none. Failures that are forgotten meanwhile, or
 * forgiven, must not lead down the ladder past people who are still thinking: their yes would find something else on its way.
 */
function inQuestion(ladder: readonly Rung[], facts: Case): number {
  const { consent, now } = facts;
  if (consent.approvals.length === 0) return -1;
  return ladder.findLastIndex(rung => {
    const order = orderFor(rung, facts);
    const standing = order && standingOn(order, consent, now);
    return standing === 'waiting' || standing === 'granted';
  });
}

const allRun = ({ incident: { patients }, service }: Case): boolean =>
  patients.every(({ id }) => service?.replicas.some(replica => replica.id === id && replica.state === 'running'));

/** Without what the service has to allow and does not: no attempt is lost on it. One that has nothing else says what is missing. */
function allowedOf(ladder: readonly Rung[], { alternativePort }: Policy): readonly Rung[] {
  const rest = ladder.filter(({ strategy }) => strategy !== FIND_ALTERNATIVE_PORT);
  return alternativePort || rest.length === 0 ? ladder : rest;
}

/** Replicas that were healed a moment ago must wait; they do not make the others wait as well. */
function dueTargets(facts: Case, cooldown: number): Order['targets'] {
  const { incident, asked } = facts;
  if (asked !== undefined) return incident.patients;
  const due = incident.patients.filter(({ number }) => coolingUntil(number, facts, cooldown) === undefined);
  return due.length === 0 ? incident.patients : due;
}
