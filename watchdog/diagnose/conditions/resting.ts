import { isSeed } from '../../domain/scaling.ts';
import { isStopping } from '../../domain/wellness.ts';
import type { Judge } from '../ailment.ts';

/**
 * States somebody else is responsible for right now: a paused container, one being removed, one being stopped. And what is kept
 * of a service that was scaled to nothing.
 */
export const resting: Judge = ({ replica, at }) => {
  if (replica.state === 'paused') return { excuse: `${replica.name} is paused; whoever paused it will unpause it` };
  if (isSeed(replica))
    return { excuse: `${replica.name} is kept for the time when a replica is needed again`, completed: true };
  if (replica.state === 'removing') return { excuse: `${replica.name} is being removed` };
  if (replica.state === 'running' && isStopping(replica, at)) return { excuse: `${replica.name} was told to stop` };
  return undefined;
};
