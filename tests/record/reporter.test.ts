import { expect, test } from '@jest/globals';
import { createMetrics } from '../../watchdog/record/metrics.ts';
import { metricsReporter } from '../../watchdog/record/metrics-reporter.ts';
import { type Reporter, tellAll } from '../../watchdog/record/reporter.ts';
import { aLog } from './a-log.ts';
import { aGo, anEscalation } from './some-news.ts';

test.each<[string, Reporter['tell']]>([
  [
    'throws',
    () => {
      throw new Error('broken');
    },
  ],
  ['rejects', () => Promise.reject(new Error('broken'))],
  ['never answers', () => new Promise(() => undefined)],
])('a reporter that %s silences no other', async (_how, tell) => {
  const heard: string[] = [];
  const { logger } = aLog();

  tellAll(
    [
      { name: 'bad', tell },
      { name: 'good', tell: news => void heard.push(news.type) },
    ],
    anEscalation(),
    logger,
  );

  expect(heard).toEqual(['incident-escalated']);
});

test.each<[string, Reporter['tell']]>([
  [
    'throws',
    () => {
      throw new Error('broken');
    },
  ],
  ['rejects', () => Promise.reject(new Error('broken'))],
])('that a reporter %s is logged', async (_how, tell) => {
  const { logger, lines } = aLog();

  tellAll([{ name: 'slack', tell }], anEscalation(), logger);
  await new Promise(resolve => setImmediate(resolve));

  expect(lines).toMatchObject([
    { level: 'error', message: 'reporter failed', values: { reporter: 'slack', news: 'incident-escalated' } },
  ]);
});

test('a decision is told to the metrics without a complaint', () => {
  const { logger, lines } = aLog();

  tellAll([metricsReporter(createMetrics({ version: 'test' }))], aGo(), logger);

  expect(lines).toEqual([]);
});
