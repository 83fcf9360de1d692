import { ERROR_TYPES, type ErrorType } from './log-error.ts';

/** What can be wrong with a container of a service: the conditions of INTERFACE's table that the road knows so far. */
export const CONDITIONS = [
  'unhealthy',
  'exited',
  'restarting',
  'dead',
  'never-started',
  'orphaned-network',
  'dependency-restarted',
  'high-memory',
  'high-cpu',
  'network-errors',
  'memory-low',
  'disk-low',
  'alerting',
  'mis-sized',
  'probe-broken',
  'attacked',
  'engine-lost',
  'asked',
] as const;

type Kebab<Name extends string> = Name extends `${infer Head}_${infer Rest}`
  ? `${Lowercase<Head>}-${Kebab<Rest>}`
  : Lowercase<Name>;

/** What a log can tell is wrong: `port-conflict` for `PORT_CONFLICT`. */
export type ErrorCondition = Kebab<ErrorType>;

export const conditionOf = (type: ErrorType): ErrorCondition =>
  type.toLowerCase().replaceAll('_', '-') as ErrorCondition;

export const ERROR_CONDITIONS: readonly ErrorCondition[] = ERROR_TYPES.map(conditionOf);

export type Condition = (typeof CONDITIONS)[number] | ErrorCondition;

/** What a playbook can be for. */
export const ALL_CONDITIONS: readonly Condition[] = [...CONDITIONS, ...ERROR_CONDITIONS];

export const isCondition = (word: string): word is Condition => (ALL_CONDITIONS as readonly string[]).includes(word);
