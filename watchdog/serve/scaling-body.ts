import type { Aim } from '../domain/scaling.ts';
import type { ScalingBody } from './shapes.ts';
import type { ScalingView } from './watchdog-view.ts';

/** The size of a service as it goes over the wire. Names, not addresses: a queue's may hold a password. */
export function scalingBody({ now, problems }: ScalingView): ScalingBody {
  if (now === undefined) return { problems: [...problems] };
  const { scaling, sizing, recommendation, at, obstacles } = now;
  return {
    problems: [...problems],
    readAt: new Date(at).toISOString(),
    replicas: sizing.current,
    wanted: sizing.wanted,
    recommended: recommendation.replicas,
    min: scaling.min,
    max: scaling.max,
    signals: recommendation.opinions.map(({ name, value, because }, index) => {
      const aim = scaling.metrics[index]?.aim;
      return { name, because, target: aim === undefined ? '' : aimInWords(aim), ...(value !== undefined && { value }) };
    }),
    heldBackBy: sizing.limits.map(({ code, because }) => ({ code, because })),
    because: sizing.because,
    obstacles: [...obstacles],
  };
}

function aimInWords(aim: Aim): string {
  if (aim.kind === 'thresholds') return `${aim.down} to ${aim.up}`;
  return aim.kind === 'per-replica' ? `${aim.target} each` : String(aim.target);
}
