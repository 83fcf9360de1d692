import { hours, minutes, seconds } from '../../watchdog/domain/time.ts';
import type { Happening, Plan, ServicePlan } from './plan.ts';
import { A_SERVICE, STACK_PACES } from './shop.ts';

// Trouble made by hand, for rules that chance seldom puts to the proof.

const A_PLAN: Plan = { seed: 1, days: 1, env: {}, services: [A_SERVICE], alertmanager: STACK_PACES, happenings: [] };

export const aQuietDay: Plan = A_PLAN;

/** A sidecar whose network parent is deployed again and again, and a watchdog that dies a little later each time. */
export const deathsWhileReplacing: Plan = {
  ...A_PLAN,
  services: [A_SERVICE, { ...A_SERVICE, service: 'side', inNetworkOf: 'db' }],
  happenings: Array.from({ length: 30 }, (_, turn): Happening[] => [
    { kind: 'deploy', at: minutes(10 + 30 * turn), service: 'db', lasts: minutes(1) },
    // Just before it is healthy again, which its sidecar waits for.
    { kind: 'kill', at: minutes(10.5 + 30 * turn), steps: turn + 1, phase: 'after', lasts: minutes(2) },
  ]).flat(),
};

/** Six services fall over at the same time, and the engine is slow to answer. */
export const aRush = (env: Plan['env']): Plan => ({
  ...A_PLAN,
  env,
  services: ['a', 'b', 'c', 'd', 'e', 'f'].map(service => ({ ...A_SERVICE, service })),
  happenings: [
    { kind: 'calls', at: minutes(9), fare: 'slow', share: 1, lasts: minutes(10) },
    { kind: 'storm', at: minutes(10), cure: 1 },
  ],
});

const aCrash = (at: number, cure: 1 | 'never'): Happening => ({
  kind: 'crash',
  at,
  service: 'db',
  number: 1,
  exitCode: 1,
  cure,
  lasts: hours(30),
});

export const twiceInAMinute: Plan = { ...A_PLAN, happenings: [aCrash(minutes(10), 1), aCrash(minutes(11), 1)] };

export const beyondRepair: Plan = { ...A_PLAN, happenings: [aCrash(hours(10), 'never')] };

export const downWhilePaused: Plan = {
  ...A_PLAN,
  happenings: [{ kind: 'pause', at: minutes(9), service: 'db', lasts: hours(1) }, aCrash(minutes(10), 1)],
};

export const stoppedForGood: Plan = {
  ...A_PLAN,
  services: [{ ...A_SERVICE, standing: 'respects-stops' }],
  happenings: [{ kind: 'stop', at: minutes(10), service: 'db', number: 1, lasts: hours(2) }],
};

/** Just long enough for the health check of who needs it to fail. */
export const aShortFreeze: Plan = {
  ...A_PLAN,
  services: [A_SERVICE, { ...A_SERVICE, service: 'web', needs: ['db'], without: 'ill' }],
  happenings: [{ kind: 'freeze', at: minutes(10), service: 'db', number: 1, lasts: seconds(25) }],
};

/** While one of two replicas is being drained, the other one falls over. */
export const aloneWhileDraining: Plan = {
  ...A_PLAN,
  services: [{ ...A_SERVICE, replicas: 2, scaled: { follows: 'queue', min: 1, max: 3, drain: seconds(40) } }],
  happenings: [aCrash(minutes(8) + seconds(5), 1)],
};

/** Ill, and healed by nothing but people; what might help touches its data. */
const needsYes = (happenings: readonly Happening[], env: Plan['env'] = {}): Plan => ({
  ...A_PLAN,
  env,
  services: [{ ...A_SERVICE, needsYes: true }],
  happenings,
});

const anIllness = (at: number): Happening => ({
  kind: 'ill',
  at,
  service: 'db',
  number: 1,
  cure: 'never',
  lasts: hours(30),
});

export const aNo: Plan = needsYes([
  { kind: 'answers', at: minutes(5), manner: 'no', after: minutes(5) },
  anIllness(minutes(10)),
]);

export const aYesThatDoesNotHelp: Plan = needsYes([
  { kind: 'answers', at: minutes(5), manner: 'yes', after: minutes(5) },
  anIllness(minutes(10)),
  { kind: 'answers', at: minutes(25), manner: 'silence', after: 0 },
]);

/** While a question about one replica waits for its yes, that one gets well and the other one falls ill. */
export const aYesToAnother: Plan = {
  ...A_PLAN,
  services: [{ ...A_SERVICE, replicas: 2, needsYes: true }],
  happenings: [
    { kind: 'answers', at: minutes(5), manner: 'yes', after: minutes(30) },
    { ...anIllness(minutes(10)), lasts: minutes(10) } as Happening,
    { kind: 'answers', at: minutes(12), manner: 'silence', after: 0 },
    { ...anIllness(minutes(19)), number: 2 } as Happening,
  ],
};

export const aYesAndANo: Plan = needsYes([
  { kind: 'answers', at: minutes(5), manner: 'yes and no', after: minutes(5) },
  { kind: 'pause', at: minutes(11), service: 'db', lasts: minutes(30) },
  anIllness(minutes(10)),
]);

/** Its answers are wrong for a while; then people have mended it. */
export const wrongAnswers: Plan = {
  ...A_PLAN,
  env: { RESTART_COOLDOWN: '30s' },
  services: [{ ...A_SERVICE, alert: 'restart' }],
  happenings: [{ kind: 'errs', at: minutes(10), service: 'db', number: 1, cure: 'never', lasts: minutes(20) }],
};

/** And nobody mends it. */
export const wrongAnswersForGood: Plan = {
  ...wrongAnswers,
  happenings: [{ kind: 'errs', at: minutes(10), service: 'db', number: 1, cure: 'never', lasts: hours(30) }],
};

/** More comes in than all the replicas it may have can do. */
export const tooMuchToDo: Plan = {
  ...A_PLAN,
  services: [{ ...A_SERVICE, scaled: { follows: 'queue', min: 1, max: 3, drain: 0 } }],
  happenings: [{ kind: 'load', at: minutes(10), service: 'db', level: 5, lasts: hours(1) }],
};

const NEEDY: ServicePlan = { ...A_SERVICE, service: 'web', needs: ['db'], without: 'ill' };

/** db is asked about until midnight, web waits for it, and front for web; front has a trouble of its own. */
const waitingForPeople = (kind: 'ill' | 'errs'): Plan => ({
  ...A_PLAN,
  services: [{ ...A_SERVICE, needsYes: true }, NEEDY, { ...NEEDY, service: 'front', needs: ['web'] }],
  happenings: [
    { kind: 'answers', at: minutes(5), manner: 'yes', after: minutes(50) },
    anIllness(hours(12)),
    { kind, at: hours(12) + minutes(1), service: 'front', number: 1, cure: 'never', lasts: hours(30) },
  ],
});

/** Plans that once broke a rule, by what was found with them. */
export const FOUND: Readonly<Record<string, Plan>> = {
  'a server that ended with 0 was taken for one that had completed, and its dependants were restarted': {
    ...A_PLAN,
    services: [A_SERVICE, NEEDY],
    happenings: [10, 11].map(minute => ({ ...aCrash(minutes(minute), 1), exitCode: 0 }) as Happening),
  },
  'a dependant whose probe failed in the moment in which its dependency recovered was restarted': {
    ...A_PLAN,
    services: [A_SERVICE, NEEDY],
    happenings: [{ kind: 'freeze', at: minutes(10), service: 'db', number: 1, lasts: seconds(20) }],
  },
  'an engine that hung with a deed hung with its undoing as well, and the service was never looked at again': {
    ...A_PLAN,
    env: { WATCHDOG_INTERVAL: '2m', RESTART_COOLDOWN: '30s' },
    services: [{ ...A_SERVICE, restartPolicy: 'always' }],
    happenings: [
      { ...aCrash(minutes(10), 'never'), lasts: hours(2) } as Happening,
      { kind: 'calls', at: minutes(10), fare: 'hangs after the deed', share: 0.9, lasts: hours(1) },
    ],
  },
  'stops by an engine that shut down were taken for stops by hand by a watchdog that died before it was back': {
    ...A_PLAN,
    services: [{ ...A_SERVICE, checked: false, standing: 'respects-stops' }],
    happenings: [
      { kind: 'engine-away', at: minutes(10), containers: 'end', lasts: hours(1) },
      { kind: 'kill', at: minutes(15), steps: 1, phase: 'before', lasts: hours(2) },
    ],
  },
  'stops by an engine that shut down were taken for stops by hand, when the watchdog died before it had forgotten them':
    {
      ...A_PLAN,
      services: [{ ...A_SERVICE, checked: false, standing: 'respects-stops' }],
      happenings: [
        { kind: 'kill', at: minutes(10), steps: 4, phase: 'before', lasts: minutes(2) },
        { kind: 'engine-away', at: minutes(10), containers: 'end', lasts: minutes(2) },
      ],
    },
  'stops by an engine of what had outlived the one before were taken for one of the whole project by hand': {
    ...A_PLAN,
    services: [
      { ...A_SERVICE, checked: false },
      { ...A_SERVICE, service: 'web', restartPolicy: 'unless-stopped' },
    ],
    happenings: [{ kind: 'engine-away', at: minutes(10), containers: 'outlive it', lasts: minutes(2) }],
  },
  'people were told anew of a sidecar at each fall of its network parent, which the engine restarted for ever': {
    ...A_PLAN,
    services: [
      { ...A_SERVICE, restartPolicy: 'always' },
      { ...A_SERVICE, service: 'side', inNetworkOf: 'db' },
    ],
    happenings: [{ ...aCrash(minutes(10), 'never'), lasts: hours(2) } as Happening],
  },
  'a container that shares the network of another one was stopped and could not be started, when that one was removed':
    {
      ...A_PLAN,
      services: [A_SERVICE, { ...A_SERVICE, service: 'side', inNetworkOf: 'db' }],
      happenings: [{ kind: 'remove', at: minutes(10), service: 'db', number: 1, lasts: minutes(10) }],
    },
  'a container that was deployed into the network of a paused one was never started, though an engine does that': {
    ...A_PLAN,
    services: [A_SERVICE, { ...A_SERVICE, service: 'side', inNetworkOf: 'db' }],
    happenings: [
      { kind: 'freeze', at: minutes(10), service: 'db', number: 1, lasts: minutes(10) },
      { kind: 'deploy', at: minutes(12), service: 'side', lasts: seconds(40) },
    ],
  },
  'a service of itself ill was missed among those that people were told of, while it waited for one that they were told of':
    waitingForPeople('ill'),
  'a service was taken for one beyond repair because of wrong answers, when its health check failed for want of another one':
    waitingForPeople('errs'),
  'a yes to two replicas was missed, when one of them got well and nobody had answered about the other one alone': {
    ...A_PLAN,
    env: { MAX_RESTART_ATTEMPTS: '1' },
    services: [{ ...A_SERVICE, replicas: 2, needsYes: true }],
    happenings: [
      { kind: 'answers', at: minutes(5), manner: 'silence', after: 0 },
      anIllness(minutes(10)),
      { kind: 'answers', at: minutes(140), manner: 'yes', after: seconds(30) },
      { ...anIllness(minutes(150)), number: 2, lasts: minutes(40) } as Happening,
    ],
  },
  'the last healthy replica was taken away, when the other one fell over while it was drained': aloneWhileDraining,
};
