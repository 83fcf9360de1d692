import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CONDITIONS } from '../../../watchdog/domain/condition.ts';
import type { ReportFacts } from '../../../watchdog/record/report/facts.ts';
import { reportFrom } from '../../../watchdog/record/report/report-from.ts';
import { DAY, NOTHING, someIncidents, someRefusals, someRelapses, someRepairs } from './some-facts.ts';

describe('a report', () => {
  test('of a quiet day says so in noughts, and leaves out what has no meaning', () => {
    const report = reportFrom(NOTHING, DAY, []);

    expect(JSON.parse(JSON.stringify(report))).toEqual({
      since: '2026-01-30T12:00:00.000Z',
      until: '2026-01-31T12:00:00.000Z',
      total: {
        ...{ incidents: 0, open: 0, escalated: 0, repairs: 0, healed: 0, failed: 0, refused: {}, relapses: 0 },
        ...{ scaledUp: 0, scaledDown: 0, scalingFailed: 0 },
      },
      services: [],
      unlisted: 0,
      recommendations: [],
    });
  });

  test('adds up one service, and gives means in seconds', () => {
    const facts: ReportFacts = {
      incidents: [
        someIncidents({ opened: 2, detection: 5_000, resolved: 1, recovery: 30_000, open: 1, escalated: 1 }),
        someIncidents({ condition: 'exited', opened: 1, detection: 1_000, resolved: 1, recovery: 10_000 }),
      ],
      repairs: [
        someRepairs({ count: 2 }),
        someRepairs({ outcome: 'not-healed' }),
        someRepairs({ outcome: 'interrupted' }),
        someRepairs({ outcome: null }),
        someRepairs({ direction: 'up', count: 4 }),
        someRepairs({ direction: 'down', count: 3 }),
        someRepairs({ direction: 'up', outcome: 'failed', count: 2 }),
        someRepairs({ direction: 'down', outcome: null }),
      ],
      refusals: [someRefusals('backoff'), someRefusals('cooldown', 3)],
      relapses: [someRelapses(1)],
    };

    const { services, total } = reportFrom(facts, DAY, []);

    const figures = {
      incidents: 3,
      open: 1,
      escalated: 1,
      repairs: 5,
      healed: 2,
      failed: 2,
      success: 0.5,
      detectedSeconds: 2,
      recoveredSeconds: 20,
      refused: { cooldown: 3, backoff: 1 },
      relapses: 1,
      scaledUp: 4,
      scaledDown: 3,
      scalingFailed: 2,
    };
    expect(services).toEqual([{ project: 'shop', service: 'web', ...figures, flapping: false }]);
    expect(total).toEqual(figures);
    expect(Object.keys(total.refused)).toEqual(['cooldown', 'backoff']);
  });

  test('keeps services of one name in two projects apart', () => {
    const facts = { ...NOTHING, repairs: [someRepairs(), someRepairs({ project: 'blog' })] };

    const { services } = reportFrom(facts, DAY, []);

    expect(services.map(({ project, repairs }) => [project, repairs])).toEqual([
      ['blog', 1],
      ['shop', 1],
    ]);
  });

  test('puts what is still broken first, then what was repaired most', () => {
    const facts = {
      ...NOTHING,
      incidents: [someIncidents({ service: 'sick', open: 1 }), someIncidents({ service: 'once' })],
      repairs: [someRepairs({ service: 'often', count: 9 }), someRepairs({ service: 'once' })],
    };

    const { services } = reportFrom(facts, DAY, []);

    expect(services.map(({ service }) => service)).toEqual(['sick', 'often', 'once']);
  });

  test('calls a service flapping at its third relapse', () => {
    const flapping = (relapses: number) =>
      reportFrom({ ...NOTHING, relapses: [someRelapses(relapses)] }, DAY, []).services[0]?.flapping;

    expect([flapping(2), flapping(3)]).toEqual([false, true]);
  });

  test('lists a hundred of very many services, counts the others, and adds up all of them', () => {
    const repairs = Array.from({ length: 1_000 }, (_, index) => someRepairs({ project: `build-${index}` }));

    const report = reportFrom({ ...NOTHING, repairs }, DAY, []);

    expect(report.services).toHaveLength(100);
    expect(report.unlisted).toBe(900);
    expect(report.total.repairs).toBe(1_000);
  });
});

const few = fc.nat({ max: 9 });
const ref = { project: fc.constantFrom('shop', 'blog'), service: fc.constantFrom('web', 'db', 'a|`b`\u001b[2J') };
const condition = fc.constantFrom(...CONDITIONS);
const anyFacts: fc.Arbitrary<ReportFacts> = fc.record({
  incidents: fc.uniqueArray(
    fc.record({
      ...ref,
      condition,
      opened: few,
      open: few,
      escalated: few,
      detection: fc.nat(),
      resolved: few,
      recovery: fc.nat(),
      outOfMemory: few,
      lastOutput: fc.option(fc.oneof(fc.string(), fc.constant('password=geheim `x`'))),
      lastExitCode: fc.option(fc.nat({ max: 255 })),
      container: fc.option(fc.string()),
    }),
    { selector: row => `${row.project}/${row.service} ${row.condition}` },
  ),
  relapses: fc.array(fc.record({ ...ref, relapses: few })),
  repairs: fc.array(
    fc.record({
      ...ref,
      condition,
      strategy: fc.constantFrom('restart', 'start'),
      outcome: fc.option(fc.constantFrom('healed', 'not-healed', 'failed', 'interrupted')),
      direction: fc.option(fc.constantFrom('up', 'down')),
      count: fc.integer({ min: 1, max: 9 }),
    }),
  ),
  refusals: fc.array(
    fc.record({ ...ref, code: fc.constantFrom('cooldown', 'attempt-cap', 'storm', 'observe-only'), count: few }),
  ),
});

describe('whatever happened,', () => {
  test('the services add up to the total', () => {
    fc.assert(
      fc.property(anyFacts, facts => {
        const { services, total } = reportFrom(facts, DAY, []);

        for (const figure of [
          ...(['incidents', 'open', 'escalated', 'repairs', 'healed', 'failed', 'relapses'] as const),
          ...(['scaledUp', 'scaledDown', 'scalingFailed'] as const),
        ])
          expect(services.reduce((sum, service) => sum + service[figure], 0)).toBe(total[figure]);
        for (const { healed, failed, repairs, success } of [...services, total]) {
          expect(healed + failed).toBeLessThanOrEqual(repairs);
          if (success !== undefined) expect(success >= 0 && success <= 1).toBe(true);
        }
      }),
    );
  });

  test('there are at most ten recommendations, of one line each, without secrets, and with whole spans of code', () => {
    fc.assert(
      fc.property(anyFacts, facts => {
        const { recommendations } = reportFrom(facts, DAY, [{ project: 'shop', service: 'worker' }]);

        expect(recommendations.length).toBeLessThanOrEqual(10);
        for (const { text } of recommendations) {
          expect(text).not.toMatch(/\p{Cc}|geheim/u);
          expect((text.match(/`/g) ?? []).length % 2).toBe(0);
        }
      }),
    );
  });
});
