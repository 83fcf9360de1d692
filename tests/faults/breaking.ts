import { setTimeout as pause } from 'node:timers/promises';
import type { Project } from '../engine/project.ts';
import type { Dice } from '../simulation/dice.ts';
import type { EngineAccount } from './engine-account.ts';
import type { Illness } from './judgement.ts';

/** How to make a service ill: a command in its container. */
export type Fragile = Readonly<Record<string, readonly string[]>>;

export interface Breaking {
  readonly illnesses: readonly Illness[];
  /** Makes it ill as soon as it is well, and resolves once the engine says so. */
  readonly breakOne: (service: string) => Promise<void>;
  /** Makes each of them ill again and again, a moment after it was well, until told to end. */
  readonly begin: () => void;
  /** Resolves once nobody is made ill any more. */
  readonly end: () => Promise<void>;
}

/** Longer than any repair takes on a busy machine whose watchdog is killed again and again; only a service that is lost takes so long. */
const LOST_AFTER = 300_000;

export function breakingOf(project: Project, fragile: Fragile, account: EngineAccount, dice: Dice): Breaking {
  const illnesses: Illness[] = [];
  const over = new AbortController();
  let loops: readonly Promise<void>[] = [];

  const breakOne = async (service: string) => {
    const container = await account.until(`${service} is well`, () => account.well(service), LOST_AFTER);
    illnesses.push({ service, at: Date.now() });
    // A recreate keeps the old container beside the new one until that has proven itself: not just any of the service.
    // Who ends its own container may be killed before it has answered.
    await project.docker('exec', container, ...(fragile[service] ?? [])).catch(() => undefined);
    await account.until(`${service} is ill`, () => account.well(service) === undefined);
  };
  const breakAgain = async (service: string, own: Dice) => {
    while (!over.signal.aborted) {
      const well = () => over.signal.aborted || account.well(service);
      await account.until(`${service} is well`, well, LOST_AFTER);
      await pause(own.between(0, 3_000), undefined, { signal: over.signal }).catch(() => undefined);
      if (!over.signal.aborted && account.well(service)) await breakOne(service);
    }
  };
  return {
    illnesses,
    breakOne,
    begin: () => {
      loops = Object.keys(fragile).map(service => breakAgain(service, dice.fork()));
    },
    end: async () => {
      over.abort();
      await Promise.all(loops);
    },
  };
}
