import { expect, test } from '@jest/globals';
import type { News } from '../../watchdog/domain/news.ts';
import { logReporter } from '../../watchdog/record/log-reporter.ts';
import { aLog, type Line } from './a-log.ts';
import { aBeginning, aGo, anEnd, anEscalation, anOpening, aResolution, aStandBack, aVerdict } from './some-news.ts';

function linesOf(...news: readonly News[]): readonly Line[] {
  const { logger, lines } = aLog();
  const reporter = logReporter(logger);
  for (const each of news) reporter.tell(each);
  return lines;
}
const levelsOf = (...news: readonly News[]) => linesOf(...news).map(({ level }) => level);

test.each<[string, News, Line]>([
  [
    'an incident',
    anOpening(),
    {
      level: 'warn',
      message: 'incident opened',
      values: {
        service: 'shop/web',
        condition: 'unhealthy',
        incident: '7',
        patients: ['shop-web-1'],
        duration: '2s',
        reason: 'its health check fails',
      },
    },
  ],
  [
    'a decision',
    aGo(),
    {
      level: 'info',
      message: 'decided',
      values: {
        service: 'shop/web',
        condition: 'unhealthy',
        incident: '7',
        action: 'restart',
        attempt: 1,
        result: 'go',
        reason: 'unhealthy for 10s',
      },
    },
  ],
  [
    'a refusal',
    aStandBack(),
    {
      level: 'info',
      message: 'decided',
      values: {
        service: 'shop/web',
        condition: 'unhealthy',
        incident: '7',
        action: 'restart',
        attempt: 1,
        result: 'cooldown',
        reason: 'not now',
      },
    },
  ],
  [
    'a repair that begins',
    aBeginning(),
    {
      level: 'info',
      message: 'repair began',
      values: {
        service: 'shop/web',
        condition: 'unhealthy',
        action: 'restart',
        attempt: 1,
        repair: '3',
        incident: '7',
        reason: 'unhealthy for 10s',
      },
    },
  ],
  [
    'a repair that worked',
    anEnd(),
    {
      level: 'info',
      message: 'repair ended',
      values: {
        service: 'shop/web',
        condition: 'unhealthy',
        action: 'restart',
        attempt: 1,
        repair: '3',
        incident: '7',
        result: 'healed',
        code: 'proven',
        duration: '12s',
        reason: 'healthy for 10s',
      },
    },
  ],
  [
    'an escalation',
    anEscalation(),
    {
      level: 'error',
      message: 'incident escalated',
      values: {
        service: 'shop/web',
        condition: 'unhealthy',
        incident: '7',
        result: 'attempt-cap',
        reason: '3 attempts did not help',
      },
    },
  ],
  [
    'a recovery',
    aResolution(),
    {
      level: 'info',
      message: 'incident resolved',
      values: {
        service: 'shop/web',
        condition: 'unhealthy',
        incident: '7',
        duration: '25s',
        reason: 'healthy for 10s',
      },
    },
  ],
])('%s is one line that says it all', (_what, news, line) => {
  expect(linesOf(news)).toEqual([line]);
});

test('a repair that did not help is a warning', () => {
  expect(levelsOf(anEnd({ outcome: 'not-healed' }))).toEqual(['warn']);
});

test('a refusal that only repeats itself is for the curious', () => {
  expect(levelsOf(aStandBack('cooldown'), aStandBack('cooldown'), aStandBack('opt-out'))).toEqual([
    'info',
    'debug',
    'info',
  ]);
});

test('the same refusal in the next incident is news again', () => {
  expect(levelsOf(aStandBack(), aResolution(), aStandBack())).toEqual(['info', 'info', 'info']);
});

test('every go is news', () => {
  expect(levelsOf(aGo(), aGo())).toEqual(['info', 'info']);
});

test('a look that found nothing is for the curious, one that failed is not', () => {
  expect(levelsOf(aVerdict('well'), aVerdict('nothing-wrong'), aVerdict('error'))).toEqual(['debug', 'debug', 'info']);
});
