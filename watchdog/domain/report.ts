import type { Health, ServiceRef, State } from './service.ts';

/**
 * What happened in a span of time, by service, and what to do about it. In the form in which it leaves the house: times are RFC
 * 3339 in UTC, lengths of time are seconds, ratios are between 0 and 1.
 */
export interface Report {
  /** From then on. */
  readonly since: string;
  /** Not including this moment. */
  readonly until: string;
  /** Of all services, those that are not listed included. */
  readonly total: Figures;
  /** Those of which there is something to tell, worst first. */
  readonly services: readonly ServiceReport[];
  /** Services that would be listed if the list were longer. */
  readonly unlisted: number;
  /** Most urgent first. */
  readonly recommendations: readonly Recommendation[];
}

export interface Figures {
  /** Opened in the span. What a person or a Compose file asked for is none. */
  readonly incidents: number;
  /** Not over yet, whenever they were opened. */
  readonly open: number;
  /** Given to people in the span. */
  readonly escalated: number;
  /** Begun in the span. */
  readonly repairs: number;
  readonly healed: number;
  /** Ended in any other way: not healed, failed, interrupted. */
  readonly failed: number;
  /** Healed, of those that have ended; missing while none has. */
  readonly success?: number | undefined;
  /** Mean, from the beginning of the trouble to its incident; missing where none was opened. */
  readonly detectedSeconds?: number | undefined;
  /** Mean, from the beginning of the trouble to its end; missing where none ended. */
  readonly recoveredSeconds?: number | undefined;
  /** How often it stood back, by the gate's code. The same answer given again and again counts once. */
  readonly refused: Readonly<Record<string, number>>;
  /** Times it fell ill again within an hour of being well. */
  readonly relapses: number;
  /** Times the auto-scaler brought it to more replicas, and to fewer; begun in the span. */
  readonly scaledUp: number;
  readonly scaledDown: number;
  /** Changes of size that ended in any other way. */
  readonly scalingFailed: number;
}

export interface ServiceReport extends ServiceRef, Figures {
  /** It goes up and down: at least three relapses. */
  readonly flapping: boolean;
}

export interface Recommendation {
  /** Which rule speaks: `repaired-often`, `out-of-memory`, ... */
  readonly rule: string;
  /** Whom it is about, at most the first few; empty where it is about the host. */
  readonly services: readonly ServiceRef[];
  /** What was seen and what to do, for people. Secrets are masked. */
  readonly text: string;
}

/** Those that run without a health check: their trouble is seen only when they end. */
export const unchecked = <T extends { readonly replicas: readonly Running[] }>(services: Iterable<T>): readonly T[] =>
  [...services].filter(({ replicas }) =>
    replicas.some(({ state, health }) => state === 'running' && health === 'none'),
  );

interface Running {
  readonly state: State;
  readonly health: Health;
}
