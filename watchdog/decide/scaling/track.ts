import type { Recommendation, Scaling, Track } from '../../domain/scaling.ts';
import type { Duration, Instant } from '../../domain/time.ts';

/**
 * The beginning of a track: the present number counts as recommended, so that whoever has just begun to watch takes nothing
 * away before the window is over (kubernetes pkg/controller/podautoscaler/horizontal.go, `recordInitialRecommendation`).
 */
export const beginTrack = (current: number, now: Instant): Track => ({
  recommendations: [{ at: now, replicas: current }],
  changes: [],
});

/** The track with this recommendation; one that only repeats the present number for want of signals leaves no trace. */
export const withRecommendation = (track: Track, { replicas, known }: Recommendation, now: Instant): Track =>
  known ? { ...track, recommendations: [...track.recommendations, { at: now, replicas }] } : track;

/** The track with a change that was made. Give no change that was refused or failed. */
export const withChange = (track: Track, by: number, now: Instant): Track =>
  by === 0 ? track : { ...track, changes: [...track.changes, { at: now, by }] };

/** Without what can no longer matter to any window, period or cooldown. */
export function pruned(track: Track, { up, down }: Scaling, now: Instant): Track {
  const windows = Math.max(up.window, down.window);
  const periods = Math.max(longest(up), longest(down));
  return {
    recommendations: track.recommendations.filter(({ at }) => at > now - windows),
    changes: track.changes.filter(({ at }) => at > now - periods),
  };
}

const longest = ({ policies, cooldown }: Scaling['up']): Duration =>
  Math.max(cooldown, ...policies.map(({ period }) => period));
