import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { type Class, caught, days, type Module, sound } from './caught.ts';
import {
  aloneWhileDraining,
  aNo,
  aQuietDay,
  aRush,
  aShortFreeze,
  beyondRepair,
  deathsWhileReplacing,
  downWhilePaused,
  stoppedForGood,
  tooMuchToDo,
  twiceInAMinute,
} from './hand-made.ts';
import type { Plan } from './plan.ts';
import type { ProfileName } from './profiles.ts';
import { rules } from './rules.ts';

afterEach(() => {
  jest.resetModules();
});

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
    expect(await caught('decide/gates.ts', sound, [plan])).toBe('nothing');
  });
});

describe('a watchdog', () => {
  test('that starts what is beside its patient as well breaks rule 1', async () => {
    type Engine = { list: () => Promise<{ id: string }[]>; start: (id: string) => Promise<void> };
    const busy = ({ startContainer }: Module) => ({
      startContainer: (docker: Engine) => ({
        ...(startContainer as (docker: unknown) => object)(docker),
        apply: async () => {
          for (const { id } of await docker.list()) await docker.start(id);
        },
      }),
    });

    expect(await caught('repair/start.ts', busy, [aRush({})])).toContain('1, every change belongs');
    expect(await caught('repair/start.ts', sound, [aRush({})])).toBe('nothing');
  });

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

  test('whose rounds come to no end breaks rule 6', async () => {
    const lost = ({ Rounds }: Module) => ({
      Rounds: class extends (Rounds as Class) {
        #made = 0;
        make(...given: readonly unknown[]) {
          this.#made += 1;
          return this.#made > 10 ? new Promise(() => undefined) : super.make?.(...given);
        }
      },
    });

    expect(await caught('observe/rounds.ts', lost, [aQuietDay])).toContain('6, it goes on watching');
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
    expect(await caught('repair/scaling-plan.ts', sound, [tooMuchToDo])).toBe('nothing');
  });

  test('that does not look whether another replica is well breaks rule 9', async () => {
    const blind = ({ takeReplica }: Module) => ({
      takeReplica: (tools: unknown, leaving: object, order: unknown) =>
        (takeReplica as (...given: readonly unknown[]) => unknown)(tools, { ...leaving, wanted: 0 }, order),
    });

    expect(await caught('repair/take-replica.ts', blind, [aloneWhileDraining])).toContain('9, the last healthy');
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

test('each rule has a broken watchdog that it catches, here or among people', () => {
  const broken = ['mutants.test.ts', 'mutants-among-people.test.ts']
    .map(file => readFileSync(join(import.meta.dirname, file), 'utf8'))
    .flatMap(code => [...code.matchAll(/'(\d+, [^']+)'/g)].map(([, named]) => named ?? ''));

  const unproven = rules
    .map(({ rule, says }) => `${rule}, ${says}`)
    .filter(says => !broken.some(named => says.startsWith(named)));

  expect(unproven).toEqual([]);
});
