import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { errorFolds, foldKey } from '../../../watchdog/diagnose/log-errors/error-folds.ts';
import { messageTemplate } from '../../../watchdog/diagnose/log-errors/message-template.ts';
import type { RecognisedError } from '../../../watchdog/domain/log-error.ts';

const WEB = { project: 'shop', service: 'web' };
const anError = (pattern = 'refused'): RecognisedError => ({
  type: 'API_FAILURE',
  severity: 'error',
  tier: 'likely',
  pattern,
  captures: {},
});

describe('the template of a message', () => {
  test.each([
    ['numbers', 'worker 17 took 3 s', 'worker <n> took <n> s'],
    ['times and dates', '2025-03-05 10:11:12,131 lost', '<time> lost'],
    ['addresses', 'connect 172.18.0.5:5432 refused', 'connect <address>:<n> refused'],
    ['ids', 'container 4f2a9c11d0aa gone, job 1c7b6a04-7a5e-4b0b-9a6e-52d1f0e7a001', 'container <id> gone, job <id>'],
    ['a date by itself', 'lost on 2025-03-05', 'lost on'],
    ['a time as ISO 8601 writes it', '2025/03/05T10:11:12Z lost', '<time> lost'],
    ['a time without a fraction', 'at 10:11:12 lost', 'at <time> lost'],
    [
      'a time with its zone',
      'at 10:11:12+01:00, 10:11:12 +0100 and 1:02:03,123456 UTC',
      'at <time>, <time> and <time>',
    ],
    ['addresses in memory', 'pointer 0xdeadbeef lost', 'pointer <id> lost'],
    ['ids that begin with letters, or with digits', 'from cafe0000 to 100f3a9c', 'from <id> to <id>'],
    ['words in single quotes', "column 'name' missing", "column '…' missing"],
    ['paths and quoted words', 'cannot open /var/lib/app/x.db for "shop"', 'cannot open <path> for "…"'],
    ['all lines but the first', 'failed\n  at a.js:1', 'failed'],
  ])('leaves out %s', (_, text, template) => {
    expect(messageTemplate(text)).toBe(template);
  });

  test.each([
    ['words of the letters of numbers', 'the word deadbeef', 'the word deadbeef'],
    ['that a number is one, and no id', 'job 12345678', 'job <n>'],
  ])('keeps %s', (_, text, template) => {
    expect(messageTemplate(text)).toBe(template);
  });

  test('has no secrets', () => {
    expect(messageTemplate('cannot open postgres://shop:hunter2@db/shop')).not.toContain('hunter2');
  });

  test('is cut only after what varies has been left out', () => {
    expect(messageTemplate(`lost "${'x'.repeat(190)}" and ${'y'.repeat(300)}`)).toBe(`lost "…" and ${'y'.repeat(187)}`);
    expect(messageTemplate('  spaces around \n')).toBe('spaces around');
    const quoted = `"${'x'.repeat(190)}" `;
    expect(messageTemplate(`${quoted}${quoted}${'y'.repeat(300)}`)).toBe(
      `"…" "…" ${'y'.repeat(400 - 2 * quoted.length)}`,
    );
  });

  test('is short, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 2_000 }), text => {
        expect(messageTemplate(text).length).toBeLessThanOrEqual(200);
      }),
    );
  });
});

describe('repeats are folded:', () => {
  test('ten thousand lines are one error with a count, its times and its variants', () => {
    const folds = errorFolds();

    for (let at = 0; at < 10_000; at += 1)
      folds.add(WEB, anError(), at % 4 === 0 ? `order ${at} lost` : `worker ${at} refused`, at);

    expect(folds.take()).toEqual([
      {
        ...WEB,
        error: anError(),
        firstAt: 0,
        lastAt: 9_999,
        count: 10_000,
        variants: [
          { template: 'worker <n> refused', count: 7_500 },
          { template: 'order <n> lost', count: 2_500 },
        ],
        sample: 'worker 9999 refused',
        burstAt: 10,
      },
    ]);
  });

  test('the first of a pattern in a service is new, and the second is not', () => {
    const folds = errorFolds();

    expect(folds.add(WEB, anError(), 'x', 0).isNew).toBe(true);
    expect(folds.add(WEB, anError(), 'x', 1).isNew).toBe(false);
    expect(folds.add({ ...WEB, service: 'db' }, anError(), 'x', 2).isNew).toBe(true);
    expect(folds.add(WEB, anError('other'), 'x', 3).isNew).toBe(true);
  });

  test('what was seen before the watchdog was started is not new', () => {
    const folds = errorFolds([foldKey(WEB, 'refused')]);

    expect(folds.add(WEB, anError(), 'x', 0).isNew).toBe(false);
    expect(folds.add(WEB, anError('other'), 'x', 0).isNew).toBe(true);
  });

  test('what was taken is folded anew, and not new all the same', () => {
    const folds = errorFolds();
    folds.add(WEB, anError(), 'x', 0);
    folds.take();

    expect(folds.take()).toEqual([]);
    expect(folds.add(WEB, anError(), 'x', 1).isNew).toBe(false);
    expect(folds.take()).toMatchObject([{ count: 1, firstAt: 1 }]);
  });

  test('what is kept of the text has no secrets, nor have its captures', () => {
    const folds = errorFolds();

    folds.add(WEB, { ...anError(), captures: { user: 'ann', secret: 'hunter2' } }, 'login of ann: password=hunter2', 0);

    const taken = folds.take();
    expect(taken[0]?.error.captures).toEqual({ user: 'ann', secret: '***' });
    expect(JSON.stringify(taken)).not.toContain('hunter2');
  });

  test('what was not seen for longest is forgotten when there are too many', () => {
    const folds = errorFolds([], { folds: 2, variants: 20, services: 9, known: 9 });
    for (const [at, pattern] of ['a', 'b', 'a', 'c'].entries()) folds.add(WEB, anError(pattern), 'x', at);

    expect(folds.take().map(({ error }) => error.pattern)).toEqual(['a', 'c']);
  });

  test('variants beyond the bound are counted together', () => {
    const folds = errorFolds([], { folds: 9, variants: 2, services: 9, known: 9 });
    for (const word of ['a', 'b', 'c', 'd', 'c']) folds.add(WEB, anError(), `lost ${word}`, 0);

    expect(folds.take()[0]?.variants).toEqual([
      { template: '…', count: 3 },
      { template: 'lost a', count: 1 },
      { template: 'lost b', count: 1 },
    ]);
  });
});

describe('what is remembered', () => {
  const bounds = { folds: 9, variants: 20, services: 2, known: 2 };

  test('of patterns is bounded: the one that was not seen for longest is new again', () => {
    const folds = errorFolds([], bounds);
    for (const pattern of ['a', 'b', 'a', 'c']) folds.add(WEB, anError(pattern), 'x', 0);

    expect(folds.add(WEB, anError('a'), 'x', 1).isNew).toBe(false);
    expect(folds.add(WEB, anError('b'), 'x', 1).isNew).toBe(true);
  });

  test('is what was read last, and the times of the first and the latest, also where lines come late', () => {
    const folds = errorFolds();
    folds.add(WEB, anError(), 'first', 100);
    folds.add(WEB, { ...anError(), severity: 'critical' }, 'late', 50);

    expect(folds.take()).toMatchObject([
      { firstAt: 100, lastAt: 100, count: 2, sample: 'late', error: { severity: 'critical' }, burstAt: undefined },
    ]);
  });

  test('of variants is told with the most frequent first', () => {
    const folds = errorFolds();
    for (const word of ['a', 'b', 'b', 'c', 'b', 'c']) folds.add(WEB, anError(), `lost ${word}`, 0);

    expect(folds.take()[0]?.variants.map(({ template }) => template)).toEqual(['lost b', 'lost c', 'lost a']);
  });

  test('of the errors of a service is forgotten when there are too many services', () => {
    const folds = errorFolds([], bounds);
    const add = (service: string, times: number) =>
      Array.from({ length: times }, () => folds.add({ ...WEB, service }, anError(), 'x', 0).burst).includes(true);

    expect(add('a', 10)).toBe(false);
    expect([add('b', 1), add('c', 1)]).toEqual([false, false]);
    expect(add('a', 1)).toBe(false);
  });
});

describe('a burst is told', () => {
  const minute = 60_000;
  const inMinute = (folds: ReturnType<typeof errorFolds>, number: number, count: number) =>
    Array.from({ length: count }, () => folds.add(WEB, anError(), 'x', number * minute).burst).filter(Boolean).length;

  test('once, when a quiet service has more than ten errors in a minute', () => {
    expect(inMinute(errorFolds(), 0, 10)).toBe(0);
    expect(inMinute(errorFolds(), 0, 50)).toBe(1);
  });

  test('of the service whose errors these are, and not for those of others', () => {
    const folds = errorFolds();
    inMinute(folds, 0, 10);

    expect(folds.add({ ...WEB, service: 'db' }, anError(), 'x', 0).burst).toBe(false);
    expect(folds.add({ ...WEB, project: 'other' }, anError(), 'x', 0).burst).toBe(false);
    expect(folds.add(WEB, anError(), 'x', 0).burst).toBe(true);
  });

  test('once in each minute, with its time', () => {
    const folds = errorFolds();

    expect([inMinute(folds, 0, 50), inMinute(folds, 1, 50)]).toEqual([1, 1]);
    expect(folds.take()[0]?.burstAt).toBe(minute);
  });

  test('for what comes late in the minute in which it comes', () => {
    const folds = errorFolds();
    inMinute(folds, 5, 10);

    expect(inMinute(folds, 3, 1)).toBe(1);
  });

  test('only beyond five times the usual', () => {
    const folds = errorFolds();
    for (let number = 0; number < 2_000; number += 1) inMinute(folds, number, 4);

    expect(inMinute(folds, 2_000, 19)).toBe(0);
    expect(inMinute(folds, 2_001, 23)).toBe(1);
  });

  test('beyond five times the usual, and not at it', () => {
    const folds = errorFolds();
    inMinute(folds, 0, 240);

    expect(inMinute(folds, 1, 20)).toBe(0);
    expect(inMinute(folds, 1, 1)).toBe(1);
  });

  test('not while a service has as many as it always has', () => {
    const folds = errorFolds();
    for (let number = 0; number < 300; number += 1) inMinute(folds, number, 20);

    expect(inMinute(folds, 300, 60)).toBe(0);
    expect(inMinute(folds, 301, 200)).toBe(1);
  });

  test('again for a service that had many long ago', () => {
    const folds = errorFolds();
    for (let number = 0; number < 60; number += 1) inMinute(folds, number, 100);

    expect(inMinute(folds, 2_000, 20)).toBe(1);
  });
});
