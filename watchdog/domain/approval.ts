import { toldInWords } from './playbook.ts';
import { DANGERS, type Danger, type Order } from './repair.ts';
import type { ServiceRef } from './service.ts';
import { type Duration, hours, type Instant } from './time.ts';

export const ANSWERS = ['granted', 'refused'] as const;

export type Answer = (typeof ANSWERS)[number];

/**
 * A question to people, about exactly one order: may this be done? The ledger keeps it with its incident.
 * - `waiting`: nobody has answered
 * - `granted`: a person said yes, and it has not been done yet
 * - `refused`: a person said no
 * - `used`: the yes has led to a repair; it is good for one
 * - `withdrawn`: a person said `resume` after it was refused or had expired, so it may be asked anew
 */
export interface Approval extends ServiceRef {
  readonly id: string;
  readonly incidentId: string;
  readonly strategy: string;
  /** What exactly would be done, in words. */
  readonly what: string;
  /** `deedOf` the order. */
  readonly deed: string;
  readonly state: 'waiting' | Answer | 'used' | 'withdrawn';
  readonly askedAt: Instant;
  /** Until then an answer counts; of one that was granted: until then the yes holds. */
  readonly expiresAt: Instant;
  readonly answeredAt: Instant | undefined;
  /** What the person said besides; empty where nothing. */
  readonly reason: string;
}

/** What a person says to a question. */
export interface AnswerGiven {
  readonly answer: Answer;
  /** The question's id; may be left out while only one thing was asked about the incident. */
  readonly order: string | undefined;
  readonly reason: string;
}

/** Whether the answer counts, and what it is about. */
export type AnswerTaken =
  | { readonly verdict: 'accepted'; readonly approval: Approval }
  | { readonly verdict: 'refused'; readonly because: string };

/** As things stand now: `expired` was not answered in time, `lapsed` was granted and could not be used in time. */
export const STANDINGS = ['waiting', 'granted', 'refused', 'used', 'withdrawn', 'expired', 'lapsed'] as const;

export type Standing = (typeof STANDINGS)[number];

/** So long a yes holds: what people saw when they said it may be another thing a day later. */
export const YES_HOLDS: Duration = hours(1);

/** What people have said about dangerous orders for a service. */
export interface Consent {
  /** Strategies that the configuration file allows for it beforehand. */
  readonly beforehand: readonly string[];
  /** What was asked about its open incident, oldest first. */
  readonly approvals: readonly Approval[];
  /** How long a question waits for its answer. */
  readonly wait: Duration;
}

export const standingOf = ({ state, expiresAt }: Approval, now: Instant): Standing => {
  if (now < expiresAt) return state;
  if (state === 'waiting') return 'expired';
  return state === 'granted' ? 'lapsed' : state;
};

/** The graver of what the strategy is known for and what its playbook says; undefined where there is no such strategy. */
export function dangerOf(
  { strategy, danger }: Pick<Order, 'strategy' | 'danger'>,
  dangers: Readonly<Record<string, Danger>>,
): Danger | undefined {
  const own = dangers[strategy];
  if (own === undefined || danger === undefined) return own;
  return DANGERS.indexOf(danger) > DANGERS.indexOf(own) ? danger : own;
}

/** Whether the strategy may only be used with a person's yes. */
export const needsYes = (danger: Danger | undefined): danger is 'data' | 'host' =>
  danger === 'data' || danger === 'host';

/**
 * What an order would do, as a text that differs as soon as anything of it does: strategy, parameters, or the very containers.
 * A yes to one deed is none to another.
 */
export const deedOf = ({ project, service, strategy, with: told, targets }: Order): string =>
  JSON.stringify([
    project,
    service,
    strategy,
    Object.entries(told).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    targets.map(({ id }) => id).toSorted(),
  ]);

/** The same for people: `set-aside-rdb with path=/data on shop-redis-1 of shop/redis: moves ... (touches data)`. */
export function deedInWords(order: Order, summary: string, danger: Danger): string {
  const told = toldInWords(order.with);
  const whom = order.targets.length === 0 ? '' : ` on ${order.targets.map(({ name }) => name).join(', ')}`;
  const parameters = told === '' ? '' : ` with ${told}`;
  const touches = danger === 'host' ? 'the host' : 'data';
  return `${order.strategy}${parameters}${whom} of ${order.project}/${order.service}: ${summary} (touches ${touches})`;
}

/** The whole question, with how to answer it. */
export const questionInWords = ({ id, incidentId, what }: Pick<Approval, 'id' | 'incidentId' | 'what'>): string =>
  `a person has to say yes to ${what}; watchdog approve ${incidentId} --order ${id}, or watchdog refuse ${incidentId} --order ${id}`;

/**
 * Which question an answer is meant for. Where several were asked about an incident the answer has to name its own: what a person
 * has read may not be what is asked by now.
 * @returns the question, or why the answer counts for none
 */
export function answeredOf(approvals: readonly Approval[], id: string | undefined, now: Instant): Approval | string {
  if (id === undefined && approvals.length > 1) {
    const waiting = approvals.filter(each => standingOf(each, now) === 'waiting');
    const choice = waiting.map(each => `--order ${each.id} is ${each.what}`).join('; ') || 'none of them waits';
    return `${approvals.length} things were asked about this incident, say which is meant: ${choice}`;
  }
  const meant = approvals.findLast(each => id === undefined || each.id === id);
  if (meant === undefined)
    return id === undefined ? 'nothing is asked about this incident' : `order ${id} was not asked about this incident`;
  const standing = standingOf(meant, now);
  if (standing === 'waiting') return meant;
  const more = standing === 'refused' || standing === 'expired' ? '; after watchdog resume it is asked anew' : '';
  return `order ${meant.id} (${meant.what}) waits for no answer: it is ${standing}${more}`;
}
