import { beforeEach, describe, expect, test } from '@jest/globals';
import { StandingErrors } from '../../watchdog/observe/standing-errors.ts';
import { aStandingError } from '../fakes/a-log-error.ts';

const WEB = { project: 'shop', service: 'web' };
const { error, sample } = aStandingError();

let book: StandingErrors;
beforeEach(() => {
  book = new StandingErrors();
});
const note = (at: number) => book.note(WEB, 'c1', error, at, () => ({ error, sample }));
const standing = (startedAt: number) => book.of(WEB, () => startedAt).map(({ lastAt }) => lastAt);

describe('after a repair that was begun at 100 and carried out at 200, an error', () => {
  test.each([
    { sentence: 'of before counts no more', at: 90, startedAt: 150, counts: false },
    { sentence: 'that the old life wrote meanwhile counts no more', at: 150, startedAt: 50, counts: false },
    {
      sentence: 'that the new life wrote before the engine had answered counts',
      at: 150,
      startedAt: 140,
      counts: true,
    },
    { sentence: 'of afterwards counts, in whichever life', at: 250, startedAt: 50, counts: true },
  ])('$sentence, read in time or later', ({ at, startedAt, counts }) => {
    note(at);
    book.beginAfresh(WEB, { began: 100, acted: 200 });
    expect(standing(startedAt)).toEqual(counts ? [at] : []);

    book = new StandingErrors();
    book.beginAfresh(WEB, { began: 100, acted: 200 });
    note(at);
    expect(standing(startedAt)).toEqual(counts ? [at] : []);
  });
});
