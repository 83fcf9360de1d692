import { describe, expect, test } from '@jest/globals';
import { size } from '../../../watchdog/decide/scaling/size.ts';
import { beginTrack, pruned, withChange, withRecommendation } from '../../../watchdog/decide/scaling/track.ts';
import { DEFAULT_UP } from '../../../watchdog/domain/scaling.ts';
import { minutes, seconds } from '../../../watchdog/domain/time.ts';
import { aScaling, asking, aTrack } from '../../fakes/a-scaling.ts';
import { NOON } from '../../fakes/a-service.ts';

describe('the track', () => {
  test('begins with the present number, so that a new watchdog takes nothing away for five minutes', () => {
    const track = beginTrack(7, NOON);
    const facts = { recommendation: asking(1), current: 7, scaling: aScaling(), track };

    expect(size({ ...facts, now: NOON + minutes(5) - 1 }).wanted).toBe(7);
    expect(size({ ...facts, now: NOON + minutes(5) }).wanted).toBe(1);
  });

  test('remembers what was asked for, not what came of it', () => {
    const track = withChange(withRecommendation(beginTrack(2, NOON), asking(9), NOON + 1), 3, NOON + 2);

    expect(track).toEqual({
      recommendations: [
        { at: NOON, replicas: 2 },
        { at: NOON + 1, replicas: 9 },
      ],
      changes: [{ at: NOON + 2, by: 3 }],
    });
  });

  test('remembers nothing where nothing could be read, and no change of nothing', () => {
    const track = beginTrack(2, NOON);

    expect(withRecommendation(track, { ...asking(2), known: false }, NOON)).toBe(track);
    expect(withChange(track, 0, NOON)).toBe(track);
  });

  test('forgets what no window, period or cooldown looks back to', () => {
    const scaling = aScaling({ up: { ...DEFAULT_UP, cooldown: minutes(1) } });
    const track = aTrack(
      [
        [minutes(5), 5],
        [minutes(4), 4],
      ],
      [
        [minutes(1), 1],
        [seconds(59), 2],
      ],
    );

    expect(pruned(track, scaling, NOON)).toEqual(aTrack([[minutes(4), 4]], [[seconds(59), 2]]));
  });
});
