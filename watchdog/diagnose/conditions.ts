import type { Judge } from './ailment.ts';
import { dead } from './conditions/dead.ts';
import { exited } from './conditions/exited.ts';
import { neverStarted } from './conditions/never-started.ts';
import { orphanedNetwork } from './conditions/orphaned-network.ts';
import { restarting } from './conditions/restarting.ts';
import { resting } from './conditions/resting.ts';
import { unhealthy } from './conditions/unhealthy.ts';

/** Asked in this order, the first answer counts: what explains the others comes before them. */
export const judges: readonly Judge[] = [resting, dead, restarting, orphanedNetwork, unhealthy, exited, neverStarted];
