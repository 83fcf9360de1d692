import { type AnyStrategy, type Danger, worksOnHost, worksOnService } from '../domain/repair.ts';

/** The strategies that orders may name. */
export interface StrategyRegistry {
  get(name: string): AnyStrategy | undefined;
  names(): readonly string[];
  /** By name, as a decision needs it: `Case.dangers`. */
  dangers(): Readonly<Record<string, Danger>>;
  /** By name, one line for people: `Case.summaries`. */
  summaries(): Readonly<Record<string, string>>;
  /** Those that work on the host, not on a container: `Case.onHost`. */
  onHost(): readonly string[];
  /** Those that work on a service as a whole: `Case.onService`. */
  onService(): readonly string[];
}

/** The names are unique: `loadOwnStrategies` refuses those that are taken. */
export function strategyRegistry(strategies: readonly AnyStrategy[]): StrategyRegistry {
  const byName = new Map(strategies.map(strategy => [strategy.name, strategy]));
  const dangers = Object.fromEntries(strategies.map(({ name, danger }) => [name, danger]));
  const summaries = Object.fromEntries(strategies.map(({ name, summary }) => [name, summary]));
  const onHost = strategies.filter(worksOnHost).map(({ name }) => name);
  const onService = strategies.filter(worksOnService).map(({ name }) => name);
  return {
    get: name => byName.get(name),
    names: () => [...byName.keys()],
    dangers: () => dangers,
    summaries: () => summaries,
    onHost: () => onHost,
    onService: () => onService,
  };
}
