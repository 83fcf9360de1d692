import type { Danger, Strategy } from '../domain/repair.ts';

/** The strategies that orders may name. */
export interface StrategyRegistry {
  get(name: string): Strategy | undefined;
  names(): readonly string[];
  /** By name, as a decision needs it: `Case.dangers`. */
  dangers(): Readonly<Record<string, Danger>>;
}

/** The names are unique: `loadOwnStrategies` refuses those that are taken. */
export function strategyRegistry(strategies: readonly Strategy[]): StrategyRegistry {
  const byName = new Map(strategies.map(strategy => [strategy.name, strategy]));
  const dangers = Object.fromEntries(strategies.map(({ name, danger }) => [name, danger]));
  return {
    get: name => byName.get(name),
    names: () => [...byName.keys()],
    dangers: () => dangers,
  };
}
