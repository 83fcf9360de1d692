import type { Condition } from './condition.ts';
import type { Instant } from './time.ts';

/** Which repairs are counted: those begun from `since` on and before `until`. */
export interface RecoverySpan {
  readonly since: Instant;
  readonly until: Instant;
  readonly project?: string;
  readonly service?: string;
}

/** How repairs went. Means are in seconds, and missing where there is nothing to take one of. Changes of size are no repairs. */
export interface RecoveryFigures {
  readonly repairs: number;
  readonly underWay: number;
  readonly healed: number;
  /** Ended in any other way: not healed, failed, interrupted. */
  readonly failed: number;
  /** Healed, of those that have ended: 0 to 1. */
  readonly success: number | undefined;
  /** From the first step until the engine had done it. */
  readonly actSeconds: number | undefined;
  /** Of those that healed: from the first step until that was proven. */
  readonly healSeconds: number | undefined;
}

/** How the services came out of trouble, by what it was and by what was done about it; the commonest first. */
export interface RecoveryStats {
  readonly since: Instant;
  readonly until: Instant;
  readonly total: RecoveryFigures;
  readonly types: readonly (RecoveryFigures & TroubleTimes & { readonly type: Condition })[];
  readonly strategies: readonly (RecoveryFigures & { readonly strategy: string })[];
  /** Each strategy by what it was used for. */
  readonly pairs: readonly (RecoveryFigures & { readonly type: Condition; readonly strategy: string })[];
}

/** Means over the incidents of a type, those that healed without a repair included. */
export interface TroubleTimes {
  /** Opened in the span. */
  readonly incidents: number;
  /** From the beginning of the trouble to its incident. */
  readonly detectedSeconds: number | undefined;
  /** From the beginning of the trouble to its end; of those that ended in the span. */
  readonly recoveredSeconds: number | undefined;
}
