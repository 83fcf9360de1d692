import { afterEach, describe, expect, jest, test } from '@jest/globals';
import {
  aloneWhileDraining,
  aNo,
  aRush,
  aShortFreeze,
  aYesAndANo,
  aYesThatDoesNotHelp,
  aYesToAnother,
  beyondRepair,
  deathsWhileReplacing,
  downWhilePaused,
  stoppedForGood,
  tooMuchToDo,
  twiceInAMinute,
  wrongAnswers,
  wrongAnswersForGood,
} from './hand-made.ts';
import type { Plan } from './plan.ts';
import { type ProfileName, planFor } from './profiles.ts';
import type { Result } from './simulation.ts';

// Each rule is shown to bite: a watchdog in which just that one is broken is caught by it. What is broken stands in the place of
// the real file while the modules are loaded, so the product needs no hook for this.

type Module = Readonly<Record<string, unknown>>;
type Class = new (...given: unknown[]) => Record<string, (...given: unknown[]) => unknown>;

/** Seeds that are tried until the rule is broken. */
const SEEDS = 12;

afterEach(() => {
  jest.resetModules();
});

/** The number of the rule that is broken first, simulating with this file of the watchdog replaced. */
async function caught(file: string, broken: (real: Module) => Module, plans: Iterable<Plan>): Promise<string> {
  const place = `../../watchdog/${file}`;
  const real = (await import(place)) as Module;
  jest.resetModules();
  jest.unstable_mockModule(place, () => ({ ...real, ...broken(real) }));
  try {
    const { simulate } = (await import('./simulation.ts')) as { simulate: (plan: Plan) => Promise<Result> };
    for (const plan of plans) {
      const { broken: rule } = await simulate(plan);
      if (rule !== undefined) return `${rule.rule}, ${rule.says} (${rule.because})`;
    }
    return 'nothing';
  } finally {
    jest.unstable_unmockModule(place);
  }
}

function* days(profile: ProfileName): Iterable<Plan> {
  for (let seed = 1; seed <= SEEDS; seed += 1) yield planFor(seed, profile, 1);
}

describe('without the gate', () => {
  test.each<[string, ProfileName, string]>([
    ['opt-out', 'everyday', '1, never act on'],
    ['observe-only', 'everyday', '1, never act on'],
    ['ourselves', 'everyday', '1, never act on'],
    ['attempt-cap', 'everyday', '2, never more attempts'],
    ['backoff', 'everyday', '4, never a repair inside the backoff'],
    ['dependency', 'everyday', '8, the lowest sick dependency'],
  ])('%s, in %s trouble, rule %s is broken', async (code, profile, rule) => {
    expect(await caught('decide/gates.ts', without(code), days(profile))).toContain(rule);
  });
});

const without =
  (code: string) =>
  ({ gates }: Module) => ({ gates: (gates as { code: string }[]).filter(gate => gate.code !== code) });

describe('without the gate, in trouble made for it,', () => {
  test.each<[string, Plan, string]>([
    ['storm', aRush({ WATCHDOG_MAX_PARALLEL: '8', WATCHDOG_STORM_LIMIT: '4 per 10m' }), '2, never more repairs'],
    ['cooldown', twiceInAMinute, '4, never a repair inside the cooldown'],
    ['in-flight', aShortFreeze, '8, the lowest sick dependency'],
    ['paused', downWhilePaused, '1, never act on'],
    ['operator-stop', stoppedForGood, '1, what a person stopped'],
    ['approval', aNo, '10, nothing that needs a yes'],
  ])('%s: a rule is broken, and none is with it', async (code, plan, rule) => {
    expect(await caught('decide/gates.ts', without(code), [plan])).toContain(rule);
    expect(await caught('decide/gates.ts', real => real, [plan])).toBe('nothing');
  });
});

describe('a watchdog', () => {
  test('that attends to two findings about one service at once breaks rule 3', async () => {
    const hasty = ({ Lanes }: Module) => ({
      Lanes: class extends (Lanes as Class) {
        readonly attend: (finding: unknown) => Promise<void>;
        constructor(attend: (finding: unknown) => Promise<void>, clock: unknown) {
          super(attend, clock);
          this.attend = attend;
        }
        submit(finding: unknown) {
          void this.attend(finding);
        }
      },
    });

    expect(await caught('lanes.ts', hasty, days('everyday'))).toContain('3, never two repairs');
  });

  test('that takes every repair in hand at once breaks rule 3', async () => {
    const greedy = ({ Slots }: Module) => ({
      Slots: class extends (Slots as Class) {
        constructor() {
          super(1_000);
        }
      },
    });

    expect(
      await caught('repair/slots.ts', greedy, [
        aRush({ WATCHDOG_MAX_PARALLEL: '1', WATCHDOG_STORM_LIMIT: '60 per 10m' }),
      ]),
    ).toContain('3, never more than the allowed number');
  });

  test('that leaves as it is what a crash left half done breaks rule 5', async () => {
    const careless = ({ replacementOn }: Module) => ({
      replacementOn: (docker: unknown) => ({
        ...(replacementOn as (docker: unknown) => object)(docker),
        recover: async () => 'it will be all right',
      }),
    });

    expect(await caught('repair/replacement.ts', careless, [deathsWhileReplacing])).toContain(
      '5, whatever a crash left',
    );
  });

  test('that does not write its refusals down breaks rule 6', async () => {
    const silent = ({ Chronicle }: Module) => ({
      Chronicle: class extends (Chronicle as Class) {
        decided(...given: readonly unknown[]) {
          const { verdict } = given[3] as { verdict: string };
          if (verdict !== 'stand-back') super.decided?.(...given);
        }
      },
    });

    expect(await caught('record/chronicle.ts', silent, days('everyday'))).toContain('6, every finding');
  });

  test('whose starts start nothing breaks rule 7', async () => {
    const idle = ({ startContainer }: Module) => ({
      startContainer: (docker: unknown) => ({
        ...(startContainer as (docker: unknown) => object)(docker),
        apply: async () => undefined,
      }),
    });

    expect(await caught('repair/start.ts', idle, days('everyday'))).toContain('7, a repairable fault');
  });

  test.each([
    [0, 'tells nobody'],
    [2, 'tells everything twice'],
  ])('that %i times of one (%s) breaks rule 7', async times => {
    const teller = ({ Chronicle }: Module) => ({
      Chronicle: class extends (Chronicle as Class) {
        constructor(ledger: unknown, report: (news: { type: string }) => void, ...more: unknown[]) {
          const tell = (news: { type: string }) => {
            for (let n = news.type === 'incident-escalated' ? times : 1; n > 0; n -= 1) report(news);
          };
          super(ledger, tell, ...more);
        }
      },
    });

    expect(await caught('record/chronicle.ts', teller, [beyondRepair])).toContain('7, an unrepairable fault');
  });

  test('that wants more replicas than the load and the max allow breaks rule 9', async () => {
    const generous = ({ sizeWith }: Module) => ({
      sizeWith: (...given: readonly unknown[]) => {
        const told = (sizeWith as (...given: readonly unknown[]) => { replicas?: number } | undefined)(...given);
        return told?.replicas === undefined ? told : { ...told, replicas: told.replicas + 1 };
      },
    });

    expect(await caught('decide/sizing-of.ts', generous, [tooMuchToDo])).toContain('9, replicas stay within');
  });

  test('that makes more replicas than it was ordered breaks rule 9', async () => {
    const eager = ({ changesTo }: Module) => ({
      changesTo: (wanted: number, ...more: readonly unknown[]) =>
        (changesTo as (...given: readonly unknown[]) => unknown)(wanted + 2, ...more),
    });

    expect(await caught('repair/scaling-plan.ts', eager, [tooMuchToDo])).toContain('9, replicas stay within');
    expect(await caught('repair/scaling-plan.ts', real => real, [tooMuchToDo])).toBe('nothing');
  });

  test('that does not look whether another replica is well breaks rule 9', async () => {
    const blind = ({ takeReplica }: Module) => ({
      takeReplica: (tools: unknown, leaving: object, order: unknown) =>
        (takeReplica as (...given: readonly unknown[]) => unknown)(tools, { ...leaving, wanted: 0 }, order),
    });

    expect(await caught('repair/take-replica.ts', blind, [aloneWhileDraining])).toContain('9, the last healthy');
  });

  test('that uses a yes again and again breaks rule 10', async () => {
    const forgetful = () => ({ spendYes: () => undefined });

    expect(await caught('record/ledger/approvals.ts', forgetful, [aYesThatDoesNotHelp])).toContain(
      '10, nothing that needs',
    );
    expect(await caught('record/ledger/approvals.ts', real => real, [aYesThatDoesNotHelp])).toBe('nothing');
  });

  test('that takes a yes to one container for a yes to any breaks rule 10', async () => {
    const vague = () => ({
      deedOf: ({ service, strategy }: { service: string; strategy: string }) => `${service} ${strategy}`,
    });

    expect(await caught('domain/approval.ts', vague, [aYesToAnother])).toContain('10, nothing that needs');
    expect(await caught('domain/approval.ts', real => real, [aYesToAnother])).toBe('nothing');
  });

  test('that lets people answer twice breaks rule 10', async () => {
    const patient = ({ answeredOf }: Module) => ({
      answeredOf: (approvals: readonly object[], ...more: readonly unknown[]) =>
        (answeredOf as (...given: readonly unknown[]) => unknown)(
          approvals.map(each => ({ ...each, state: 'waiting', expiresAt: Number.POSITIVE_INFINITY })),
          ...more,
        ),
    });
    const overruling = ({ approvalsIn }: Module) => ({
      approvalsIn: (file: unknown) => ({
        ...(approvalsIn as (file: unknown) => object)(file),
        answerApproval: () => true,
      }),
    });

    expect(await caught('domain/approval.ts', patient, [aYesAndANo])).toBe('nothing');
    expect(await caught('record/ledger/approvals.ts', overruling, [aYesAndANo])).toContain(
      '10, a question is answered',
    );
  });

  test('that does not hear that an alert has ended breaks rule 8', async () => {
    const deaf = ({ alertsIn }: Module) => ({
      alertsIn: (file: unknown) => {
        const real = (alertsIn as (file: unknown) => { take: (alerts: unknown[], now: number) => object })(file);
        const firing = (alerts: { status: string }[]) => alerts.filter(({ status }) => status === 'firing');
        return { ...real, take: (alerts: { status: string }[], now: number) => real.take(firing(alerts), now) };
      },
    });

    expect(await caught('record/ledger/alerts.ts', deaf, [wrongAnswers])).toContain('8, an alert that has ended');
    expect(await caught('record/ledger/alerts.ts', real => real, [wrongAnswers])).toBe('nothing');
  });

  test('that takes alerts and forgets them breaks rule 6', async () => {
    const careless = ({ alertsIn }: Module) => ({
      alertsIn: (file: unknown) => ({
        ...(alertsIn as (file: unknown) => object)(file),
        take: (alerts: unknown) => ({ queued: alerts, repeated: [] }),
      }),
    });

    expect(await caught('record/ledger/alerts.ts', careless, [wrongAnswersForGood])).toContain(
      '6, an alert that was taken',
    );
  });

  test('that throws the old container away before there is a new one breaks rule 10', async () => {
    const reckless = ({ replacementOn }: Module) => ({
      replacementOn: (docker: { remove: (id: string) => Promise<void> }) => ({
        ...(replacementOn as (docker: unknown) => object)(docker),
        replace: ({ target }: { target: { id: string } }) => docker.remove(target.id),
      }),
    });

    expect(await caught('repair/replacement.ts', reckless, [deathsWhileReplacing])).toContain('10, no data');
  });
});
