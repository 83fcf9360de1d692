import type { Docker } from '../adapters/docker/docker.ts';
import type { Strategy } from '../domain/repair.ts';

/** What a strategy of your own gets to work with. Making and removing containers is not among it: `recreate` does that. */
export interface StrategyTools {
  readonly docker: Pick<
    Docker,
    'inspect' | 'start' | 'stop' | 'restart' | 'networksOf' | 'reconnectNetworks' | 'attachNetworks'
  >;
}

/** The default export of a strategy file. */
export type OwnStrategy = (tools: StrategyTools) => Strategy;

/** Gives a strategy file its types: `export default defineStrategy(({ docker }) => ({ name: ... }))`. */
export const defineStrategy = (strategy: OwnStrategy): OwnStrategy => strategy;
