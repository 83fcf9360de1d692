import { keyOf } from '../../../watchdog/domain/incident.ts';
import { type Duration, hours, minutes } from '../../../watchdog/domain/time.ts';
import { NOT_HEARD_FOR } from '../../../watchdog/record/ledger/alerts.ts';
import type { Word } from '../deliveries.ts';
import { firstOf, planOf, type Rule, type World } from '../rule.ts';
import { PROJECT } from '../simulated-engine.ts';

/** Rule 8, of what monitoring tells: what is over needs nobody any more. */
export const endedAlertsAreOver: Rule = {
  rule: 8,
  says: 'an alert that has ended leads to no new repair',
  begins: ({ order }, { deliveries }) =>
    order.kind !== 'erring' || order.asked || deliveries.mayFire(order.service)
      ? undefined
      : `${order.strategy} of ${order.service} begins for an alert whose end was taken`,
};

/** What was taken has been attended to by then, over a death and the next start. */
const ATTENDED_BY: Duration = minutes(15);

/** Rule 6, of alerts: what was answered with 202 is in good hands. */
export const takenAlertsAreKept: Rule = {
  rule: 6,
  says: 'an alert that was taken is attended to, and stands in the book as it was told last',
  atRest: world =>
    firstOf(world.deliveries.words, word => {
      if (world.clock.monotonic() < word.at + ATTENDED_BY || !isOurs(word, world)) return undefined;
      const kept = world.lives.alerts.entry(word.fingerprint);
      return kept?.status === word.status && kept.startsAt === word.startsAt
        ? undefined
        : `the alert about ${word.service} is ${word.status}, and the book knows it as ${kept?.status ?? 'nothing'}`;
    }) ?? waiting(world),
};

function waiting({ lives, deliveries, clock }: World): string | undefined {
  const count = lives.alerts.waitingNow();
  const isRecent = [...deliveries.words].some(({ at }) => clock.monotonic() < at + ATTENDED_BY);
  return count === 0 || isRecent ? undefined : `${count} alerts wait, and nobody attends to them`;
}

/** Its service is watched, and what it wants can be done. */
function isOurs({ service }: Word, world: World): boolean {
  const plan = planOf(service, world);
  return plan?.alert !== 'nonsense' && plan?.standing !== 'other-project';
}

/** All attempts, their proofs and what lies between them. */
const TRIED_BY: Duration = hours(3);
/** From the end of an alert to the end of its incident. */
const CLOSED_BY: Duration = hours(1);

/** Rule 7, of trouble that only monitoring sees. */
export const erringIsPeoples: Rule = {
  rule: 7,
  says: 'of an alert that no repair ends people are told, and its incident is closed by its end',
  atRest: world => firstOf(world.plan.services, ({ service }) => leftAlone(service, world) ?? leftOpen(service, world)),
};

function leftAlone(service: string, world: World): string | undefined {
  const { engine, people, deliveries, clock, escalations } = world;
  const plan = planOf(service, world);
  if (plan?.standing !== 'watched' || plan.alert === undefined || plan.alert === 'nonsense') return undefined;
  const isWell = engine.containersOf(service).every(one => engine.looksWell(one));
  const fires = [...deliveries.words].some(word => {
    const age = clock.monotonic() - word.at;
    return word.service === service && word.status === 'firing' && age > TRIED_BY && age < NOT_HEARD_FOR;
  });
  if (!isWell || !fires || people.isPaused(service)) return undefined;
  const open = openOf(service, world);
  const told = [...escalations.keys()].some(key => key.startsWith(`${open?.id} `));
  return told ? undefined : `an alert about ${service} has been firing for hours, and nobody was told`;
}

function leftOpen(service: string, world: World): string | undefined {
  const { engine, deliveries, clock } = world;
  const words = [...deliveries.words].filter(word => word.service === service);
  const areOver = words.every(({ status, at }) => status === 'resolved' && clock.monotonic() > at + CLOSED_BY);
  const isWell = engine.containersOf(service).every(one => engine.looksWell(one));
  if (words.length === 0 || !areOver || !isWell) return undefined;
  const open = openOf(service, world);
  return (
    open && `all alerts about ${service} have ended, and its incident is still open (${open.condition}, ${open.state})`
  );
}

const openOf = (service: string, { lives }: World) =>
  lives.ledger.openIncidentOf(keyOf({ project: PROJECT, service, kind: 'erring' }));
