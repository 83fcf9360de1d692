import { minutes } from '../../domain/time.ts';
import type { Judge } from '../ailment.ts';

/** A loop: so many deaths within a minute, or the state `restarting` in so many rounds running (INTERFACE, conditions). */
const DEATHS = 3;
const ROUNDS = 2;

/** The engine's own restart policy acts first; we act when it gets nowhere. */
export const restarting: Judge = ({ replica, at }) => {
  if (replica.state !== 'restarting') return undefined;
  const deaths = replica.seen.deaths.filter(death => death > at - minutes(1));
  if (deaths.length < DEATHS && replica.seen.roundsRestarting < ROUNDS)
    return { excuse: `the engine is restarting ${replica.name} by its restart policy` };
  const exitCode = replica.exitCode ?? 0;
  return {
    condition: 'restarting',
    because: `the engine keeps restarting ${replica.name}, which exits with ${exitCode} each time`,
    evidence: { exitCode, deathsInLastMinute: deaths.length, restarts: replica.inspected?.restartCount ?? 0 },
    since: deaths[0] ?? at,
  };
};
