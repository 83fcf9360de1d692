import { describe, expect, test } from '@jest/globals';
import { type SizingCase, size } from '../../../watchdog/decide/scaling/size.ts';
import {
  DEFAULT_DOWN,
  DEFAULT_UP,
  type Pace,
  type Scaling,
  type ScalingCode,
} from '../../../watchdog/domain/scaling.ts';
import { minutes, seconds } from '../../../watchdog/domain/time.ts';
import { aScaling, asking, aTrack } from '../../fakes/a-scaling.ts';
import { NOON } from '../../fakes/a-service.ts';

interface Facts {
  readonly from: number;
  readonly asked: number;
  readonly scaling?: Partial<Scaling>;
  readonly track?: SizingCase['track'];
}

const sized = ({ from, asked, scaling, track }: Facts) =>
  size({
    current: from,
    recommendation: asking(asked),
    scaling: aScaling(scaling),
    track: track ?? aTrack(),
    now: NOON,
  });

type Row = readonly [sentence: string, facts: Facts, wanted: number, ...codes: ScalingCode[]];

const decides = (rows: readonly Row[]) =>
  test.each(rows)('%s', (...[, facts, wanted, ...codes]) => {
    const { wanted: found, limits } = sized(facts);

    expect([found, ...limits.map(({ code }) => code)]).toEqual([wanted, ...codes]);
  });

const up = (differing: Partial<Pace>) => ({ up: { ...DEFAULT_UP, ...differing } });
const down = (differing: Partial<Pace>) => ({ down: { ...DEFAULT_DOWN, window: 0, ...differing } });
const percent = (allow: number, period = seconds(60)) => ({ unit: 'percent' as const, allow, period });
const replicas = (allow: number, period = seconds(60)) => ({ unit: 'replicas' as const, allow, period });

describe('between min and max', () => {
  decides([
    ['what the load asks for is done', { from: 4, asked: 6 }, 6],
    ['nothing is done where it asks for nothing', { from: 4, asked: 4 }, 4],
    ['the max is never passed', { from: 4, asked: 9, scaling: { max: 5 } }, 5, 'maximum'],
    ['the min is never passed', { from: 4, asked: 1, scaling: { min: 3, ...down({}) } }, 3, 'minimum'],
    ['at the max it says that more is asked for', { from: 5, asked: 9, scaling: { max: 5 } }, 5, 'maximum'],
    ['the max itself is no limit', { from: 4, asked: 5, scaling: { max: 5 } }, 5],
    ['too many are taken back at once, whatever the load', { from: 9, asked: 9, scaling: { max: 5 } }, 5, 'maximum'],
    ['too few are made up for at once, whatever the load', { from: 1, asked: 1, scaling: { min: 3 } }, 3, 'minimum'],
    ['what somebody scaled to nothing is left alone', { from: 0, asked: 7, scaling: { min: 1 } }, 0, 'switched-off'],
  ]);
});

describe('by default', () => {
  decides([
    ['four are added at once where that is more than twice as many', { from: 1, asked: 9 }, 5, 'rate'],
    ['as many again are added where that is more than four', { from: 10, asked: 50 }, 20, 'rate'],
    ['15 seconds later as many again', { from: 20, asked: 50, track: aTrack([], [[seconds(15), 10]]) }, 40, 'rate'],
    ['14 seconds later none', { from: 20, asked: 50, track: aTrack([], [[seconds(14), 10]]) }, 20, 'rate'],
    ['all but the min are taken away at once after five quiet minutes', { from: 50, asked: 1, track: quiet(1) }, 1],
    [
      'none is, as long as one recommendation asked for as many',
      { from: 5, asked: 1, track: quiet(5) },
      5,
      'stabilizing',
    ],
    ['only down to the highest recommendation', { from: 5, asked: 1, track: quiet(3) }, 3, 'stabilizing'],
    ['one that is five minutes old counts no more', { from: 5, asked: 1, track: aTrack([[minutes(5), 5]]) }, 1],
    ['low ones before do not hold growth back', { from: 5, asked: 8, track: quiet(1) }, 8],
  ]);

  function quiet(highest: number) {
    return aTrack([
      [minutes(4), 1],
      [minutes(2), highest],
      [minutes(1), 1],
    ]);
  }
});

describe('with a window for growing', () => {
  const scaling = up({ window: minutes(3) });

  decides([
    [
      'it grows once all of the window ask for more',
      { from: 2, asked: 5, scaling, track: aTrack([[minutes(2), 4]]) },
      4,
      'stabilizing',
    ],
    [
      'it waits while one asks for fewer',
      { from: 2, asked: 5, scaling, track: aTrack([[minutes(2), 1]]) },
      2,
      'stabilizing',
    ],
    ['one before the window does not count', { from: 2, asked: 5, scaling, track: aTrack([[minutes(3), 1]]) }, 5],
  ]);
});

// "Configurable scaling behavior" of the same page: 80 replicas, at most 4 or 10 % a minute.
describe('with 4 replicas or 10 % a minute for shrinking', () => {
  const scaling = down({ policies: [replicas(4), percent(10)] });
  const least = down({ policies: [replicas(4), percent(10)], select: 'min' });

  decides([
    ['80 become 72: the larger change counts', { from: 80, asked: 10, scaling }, 72, 'rate'],
    ['72 become 64: 7.2 is rounded up to 8', { from: 72, asked: 10, scaling }, 64, 'rate'],
    ['below 40 it is 4 at a time', { from: 36, asked: 10, scaling }, 32, 'rate'],
    ['with select min the smaller change counts', { from: 80, asked: 10, scaling: least }, 76, 'rate'],
    [
      'what was taken within the minute counts',
      { from: 75, asked: 10, scaling, track: aTrack([], [[seconds(30), -5]]) },
      72,
      'rate',
    ],
    [
      'what was added within it does too',
      { from: 80, asked: 10, scaling, track: aTrack([], [[seconds(30), 40]]) },
      36,
      'rate',
    ],
    [
      'a minute later it does not',
      { from: 72, asked: 10, scaling, track: aTrack([], [[seconds(60), -8]]) },
      64,
      'rate',
    ],
    ['nobody is held back who wants less', { from: 80, asked: 79, scaling }, 79],
  ]);
});

describe('with policies for growing', () => {
  decides([
    [
      '10 % of 100 are 10, not 11 for want of exact numbers',
      { from: 100, asked: 200, scaling: { max: 500, ...up({ policies: [percent(10)] }) } },
      110,
      'rate',
    ],
    [
      'a percentage of few is rounded up, or it would never grow',
      { from: 1, asked: 9, scaling: up({ policies: [percent(10)] }) },
      2,
      'rate',
    ],
    ['with select min the smaller change counts', { from: 10, asked: 50, scaling: up({ select: 'min' }) }, 14, 'rate'],
    [
      'more was added in the period than a new policy allows: none is taken back',
      { from: 20, asked: 50, scaling: up({ policies: [replicas(2)] }), track: aTrack([], [[seconds(30), 15]]) },
      20,
      'rate',
    ],
  ]);
});

describe('a direction that is disabled', () => {
  decides([
    ['never grows', { from: 2, asked: 9, scaling: up({ select: 'disabled' }) }, 2, 'disabled'],
    ['never shrinks', { from: 9, asked: 2, scaling: down({ select: 'disabled' }) }, 9, 'disabled'],
    ['does not hold back the other', { from: 2, asked: 4, scaling: down({ select: 'disabled' }) }, 4],
    ['still keeps the max', { from: 9, asked: 9, scaling: { max: 5, ...down({ select: 'disabled' }) } }, 5, 'maximum'],
  ]);
});

describe('a cooldown of two minutes', () => {
  const growing = up({ cooldown: minutes(2) });
  const shrinking = down({ cooldown: minutes(2) });

  decides([
    [
      'for growing waits after it grew',
      { from: 2, asked: 4, scaling: growing, track: changed(90, 1) },
      2,
      'cooling-down',
    ],
    ['for growing does not wait after it shrank', { from: 2, asked: 4, scaling: growing, track: changed(90, -1) }, 4],
    ['for growing is over after two minutes', { from: 2, asked: 4, scaling: growing, track: changed(120, 1) }, 4],
    [
      'for shrinking waits after it shrank',
      { from: 4, asked: 2, scaling: shrinking, track: changed(90, -1) },
      4,
      'cooling-down',
    ],
    [
      'for shrinking waits after it grew, too',
      { from: 4, asked: 2, scaling: shrinking, track: changed(90, 1) },
      4,
      'cooling-down',
    ],
    ['for shrinking is over after two minutes', { from: 4, asked: 2, scaling: shrinking, track: changed(120, -1) }, 2],
  ]);

  function changed(secondsAgo: number, by: number) {
    return aTrack([], [[seconds(secondsAgo), by]]);
  }
});

describe('a worker that may be nought', () => {
  const min = { min: 0 };
  const slow = { min: 0, ...up({ window: minutes(10), cooldown: minutes(10), policies: [percent(10)] }) };

  decides([
    ['starts its first on the first item', { from: 0, asked: 1, scaling: min }, 1],
    ['starts several where there is much to do', { from: 0, asked: 3, scaling: min }, 3],
    [
      'starts its first whatever windows, cooldowns and percentages say',
      { from: 0, asked: 9, scaling: slow, track: aTrack([[minutes(1), 0]], [[minutes(1), 1]]) },
      1,
      'stabilizing',
    ],
    [
      'stays at nought where growing is disabled',
      { from: 0, asked: 1, scaling: { min: 0, ...up({ select: 'disabled' }) } },
      0,
      'disabled',
    ],
    [
      'goes to nought only when nothing was asked for all through the window',
      { from: 2, asked: 0, scaling: min, track: aTrack([[minutes(4), 1]]) },
      1,
      'stabilizing',
    ],
    ['goes to nought then', { from: 2, asked: 0, scaling: min, track: aTrack([[minutes(4), 0]]) }, 0],
  ]);
});

describe('the sentence', () => {
  test('tells what the load asks for, what held it back, and what comes of it', () => {
    const { because, raw } = sized({ from: 1, asked: 9, scaling: { max: 4 } });

    expect(raw).toBe(9);
    expect(sized({ from: 1, asked: 9 }).because).toBe(
      'cpu asks for 9; the rate policies allow 5 replicas for now: from 1 to 5',
    );
    expect(because).toBe('cpu asks for 9; its max is 4: from 1 to 4');
  });

  test('says so when nothing changes', () => {
    expect(sized({ from: 3, asked: 1, track: aTrack([[minutes(1), 3]]) }).because).toBe(
      'cpu asks for 1; the most that was asked for within 5m is 3 replicas: stays at 3',
    );
  });

  test('does not say the same thing twice', () => {
    const because = 'cpu cannot be read (timeout)';
    const limits = [{ code: 'signals-lost' as const, because }];
    const recommendation = { ...asking(2), because, limits, known: false };

    const sizing = size({ recommendation, current: 2, scaling: aScaling(), track: aTrack(), now: NOON });

    expect(sizing.because).toBe('cpu cannot be read (timeout): stays at 2');
  });
});
