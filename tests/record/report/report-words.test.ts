import { describe, expect, test } from '@jest/globals';
import { headlinesOf, markdownOf, spanOf, textOf } from '../../../watchdog/record/report/report-words.ts';
import { aReport } from '../../fakes/watchdog-view.ts';

const quiet = aReport({ services: [], recommendations: [] });
const [web] = aReport().services;
if (web === undefined) throw new Error('the report has a service');

describe('a report in words', () => {
  test('begins with what happened on the whole', () => {
    expect(spanOf(aReport())).toBe('2026-02-28 10:00Z to 2026-03-01 10:00Z (24h)');
    expect(headlinesOf(aReport())).toEqual([
      '2 incidents, 1 still open; 2 repairs, 1 of them healed.',
      'On average found after 3s, well again after 21s.',
    ]);
  });

  test('says that nothing happened, and does not speak of noughts', () => {
    expect(textOf(quiet)).toBe('Nothing was broken, and nothing was repaired.');
    expect(markdownOf(quiet)).not.toContain('|');
  });

  test('is short in a message: a line for each service, and what to do', () => {
    expect(textOf(aReport()).split('\n').slice(2)).toEqual([
      'shop/web: 2 incidents (1 open), 2 repairs, 1 healed; found after 3s; well after 21s; stood back: cooldown 3',
      'What to do:',
      '1. look at its health check',
    ]);
  });

  test('tells of changes of size, and is silent about them where there were none', () => {
    const scaled = aReport({ services: [{ ...web, scaledUp: 3, scaledDown: 1, scalingFailed: 1 }] });

    expect(textOf(scaled)).toContain('; scaled up 3 times, scaled down 1 time, 1 scaling failed');
    expect(textOf(aReport())).not.toContain('scal');
  });

  test('names fifteen services in a message, and says how many more there are', () => {
    const text = textOf(aReport({ services: Array.from({ length: 20 }, () => web), unlisted: 7 }));

    expect(text.match(/shop\/web/g)).toHaveLength(15);
    expect(text).toContain('and 12 services more');
  });
});

describe('a report in Markdown', () => {
  test('is a heading, a table and a list', () => {
    expect(markdownOf(aReport()).split('\n')).toEqual([
      '# Compose Watchdog: 2026-02-28 10:00Z to 2026-03-01 10:00Z (24h)',
      '',
      '2 incidents, 1 still open; 2 repairs, 1 of them healed. On average found after 3s, well again after 21s.',
      '',
      '| SERVICE | INCIDENTS | REPAIRS | SUCCESS | FOUND AFTER | WELL AFTER | STOOD BACK | NOTE |',
      '| --- | --- | --- | --- | --- | --- | --- | --- |',
      '| shop/web | 2, 1 open | 2 | 50 % | 3s | 21s | cooldown 3 |  |',
      '',
      '## What to do',
      '',
      '1. look at its health check',
    ]);
  });

  test('lets no name become markup, and keeps commands as they are', () => {
    const markdown = markdownOf(
      aReport({
        services: [{ ...web, service: 'a|b`<img>' }],
        recommendations: [{ rule: 'x', services: [], text: 'see `watchdog explain my_web`, *not* <b>that</b>' }],
      }),
    );

    expect(markdown).toContain(String.raw`| shop/a\|b\`\<img\> |`);
    expect(markdown).toContain(String.raw`see ${'`watchdog explain my_web`'}, \*not\* \<b\>that\</b\>`);
  });
});
