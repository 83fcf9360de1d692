import { describe, expect, test } from '@jest/globals';
import type { ReportFacts } from '../../../watchdog/record/report/facts.ts';
import { reportFrom } from '../../../watchdog/record/report/report-from.ts';
import { DAY, NOTHING, someIncidents, someRefusals, someRelapses, someRepairs } from './some-facts.ts';

const recommended = (facts: Partial<ReportFacts>, unchecked: { project: string; service: string }[] = []) =>
  reportFrom({ ...NOTHING, ...facts }, DAY, unchecked).recommendations;

describe('it is recommended', () => {
  const rows: readonly (readonly [string, Partial<ReportFacts>, rule: string, words: readonly string[]])[] = [
    [
      'to look at the health check of what is repaired again and again',
      {
        incidents: [someIncidents({ opened: 7, lastOutput: 'connection refused\nby peer, password=geheim' })],
        repairs: [someRepairs({ count: 7 })],
      },
      'repaired-often',
      [
        'shop/web was repaired 7 times by restart for unhealthy in 24h',
        'cause is not gone',
        'It said last: connection refused by peer, password=***',
      ],
    ],
    [
      'to look at the last lines of what keeps ending',
      {
        incidents: [someIncidents({ condition: 'exited', opened: 3, lastExitCode: 1 })],
        repairs: [someRepairs({ condition: 'exited', strategy: 'start', count: 3 })],
      },
      'repaired-often',
      ['3 times by start for exited', '`docker logs --tail 100 shop-web-1`', 'It ended last with exit code 1.'],
    ],
    [
      'to raise the memory limit of what the kernel killed for its memory',
      { incidents: [someIncidents({ condition: 'exited', outOfMemory: 2, lastExitCode: 137 })] },
      'out-of-memory',
      ['shop/web was killed twice in 24h', 'used up its memory', '`mem_limit`'],
    ],
    [
      'to mend what used up its attempts',
      {
        repairs: [someRepairs({ outcome: 'not-healed', count: 1 }), someRepairs({ count: 2 })],
        refusals: [someRefusals('attempt-cap', 2)],
      },
      'attempts-used-up',
      ['shop/web used up its attempts twice in 24h (3 repairs, 2 healed it)', '`watchdog explain web --project shop`'],
    ],
    [
      'to choose another playbook where the strategy never helps',
      { repairs: [someRepairs({ outcome: 'not-healed', count: 3 }), someRepairs({ outcome: 'failed', count: 1 })] },
      'never-helps',
      ['restart did not help shop/web once in 24h (4 tries while it was unhealthy)', 'auto_repair.playbook.unhealthy'],
    ],
    [
      'to mend a health check that cannot be believed',
      { incidents: [someIncidents({ condition: 'probe-broken', lastOutput: 'curl: not found' })] },
      'probe-broken',
      ['The health check of shop/web cannot be believed', 'curl: not found'],
    ],
    [
      'to give a flapping health check more retries',
      { relapses: [someRelapses(4)] },
      'flapping',
      ['shop/web fell ill again 4 times within an hour of being well', '`retries`'],
    ],
    [
      'to let what is only observed be repaired',
      { refusals: [someRefusals('observe-only', 5)] },
      'only-observed',
      ['shop/web would have been repaired, but is only observed (5 times in 24h)', 'auto_repair.mode'],
    ],
    [
      'to look at the host when the budget for all was used up',
      { refusals: [someRefusals('storm'), someRefusals('storm', 1, { service: 'db' })] },
      'storm',
      ['whole host was used up in 24h, and 2 services had to wait', 'WATCHDOG_STORM_LIMIT'],
    ],
  ];

  test.each(rows)('%s', (_, facts, rule, words) => {
    const [first] = recommended(facts);

    expect(first?.rule).toBe(rule);
    for (const word of words) expect(first?.text).toContain(word);
  });

  test('to give a health check to what has none, naming three', () => {
    const unchecked = ['a', 'b', 'c', 'd', 'e'].map(service => ({ project: 'shop', service }));

    expect(recommended({}, unchecked)).toMatchObject([
      {
        rule: 'no-health-check',
        text: expect.stringContaining('shop/a, shop/b, shop/c and 2 more have no health check'),
      },
    ]);
    expect(recommended({}, unchecked.slice(0, 1))[0]?.text).toContain('shop/a has no health check');
  });
});

describe('nothing is recommended', () => {
  const rows: readonly (readonly [string, Partial<ReportFacts>])[] = [
    ['upon two repairs that helped', { incidents: [someIncidents()], repairs: [someRepairs({ count: 2 })] }],
    ['upon one that did not', { repairs: [someRepairs({ outcome: 'not-healed' })] }],
    ['upon what a person asked for', { repairs: [someRepairs({ condition: 'asked', count: 9 })] }],
    ['upon exit code 137 alone, which is any SIGKILL', { incidents: [someIncidents({ lastExitCode: 137 })] }],
    ['upon gates that did their work', { refusals: [someRefusals('cooldown', 9), someRefusals('dependency', 9)] }],
    ['upon two relapses', { relapses: [someRelapses(2)] }],
  ];

  test.each(rows)('%s', (_, facts) => {
    expect(recommended(facts)).toEqual([]);
  });
});

test('of one cause the three worst are named, and other causes are not crowded out', () => {
  const services = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k'];
  const refusals = services.map((service, index) => someRefusals('attempt-cap', index + 1, { service }));

  const said = recommended({ refusals, relapses: [someRelapses(3)] });

  expect(said.map(({ rule, services: [first] }) => `${rule} ${first?.service}`)).toEqual([
    'attempts-used-up k',
    'attempts-used-up j',
    'attempts-used-up i',
    'flapping web',
  ]);
});
