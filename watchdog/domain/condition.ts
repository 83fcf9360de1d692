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
  'disk-low',
  'alerting',
  'mis-sized',
  'probe-broken',
  'engine-lost',
  'asked',
] as const;

export type Condition = (typeof CONDITIONS)[number];

export const isCondition = (word: string): word is Condition => (CONDITIONS as readonly string[]).includes(word);
