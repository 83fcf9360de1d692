import type { Case, Gate, Objection } from '../../domain/decision.ts';
import type { Sizing } from '../../domain/scaling.ts';
import { PINNED_FOR, type SizeFacts } from '../../domain/size.ts';
import { inWords } from '../../domain/time.ts';
import { wouldResize } from '../draft-order.ts';
import { sizingOf } from '../sizing-of.ts';

/**
 * The number of replicas stays as it is: the service cannot be scaled, is ailing and healed first, or the load is held back by
 * windows, rates, limits or a person's choice (`decide/scaling`).
 */
export const sizing: Gate = {
  code: 'sizing',
  evenWhenAsked: true,
  objection: (facts, order) => {
    const { size } = facts;
    if (size === undefined || !wouldResize(facts)) return undefined;
    if (size.obstacle !== undefined) return stay(`it cannot be scaled: ${size.obstacle}`);
    if (facts.ailing) return stay('it is ailing; it is healed first, and scaled then');
    const sized = sizingOf(facts);
    return order !== undefined || sized === undefined ? undefined : held(sized, size, facts);
  },
};

const stay = (because: string, tell = false): Objection => ({ code: 'sizing', because, until: undefined, tell });

function held({ because }: Sizing, { record, scaling }: SizeFacts, { now, incident }: Case): Objection {
  const { pinnedSince } = record;
  const pinned = pinnedSince !== undefined && incident.kind === 'mis-sized' && now >= pinnedSince + PINNED_FOR;
  if (!pinned) return stay(because);
  const told = `its load has asked for more than its max of ${scaling.max} for ${inWords(now - pinnedSince)}`;
  return stay(`${told}; raise max_replicas, or find what it waits for`, true);
}
