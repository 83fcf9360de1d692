import type { Gate } from '../domain/decision.ts';
import { approval } from './gates/approval.ts';
import { attemptCap } from './gates/attempt-cap.ts';
import { backoff } from './gates/backoff.ts';
import { cooldown } from './gates/cooldown.ts';
import { dependency } from './gates/dependency.ts';
import { evidence } from './gates/evidence.ts';
import { inFlight } from './gates/in-flight.ts';
import { noChange } from './gates/no-change.ts';
import { observeOnly } from './gates/observe-only.ts';
import { operatorStop } from './gates/operator-stop.ts';
import { optOut } from './gates/opt-out.ts';
import { ourselves } from './gates/ourselves.ts';
import { outOfScope } from './gates/out-of-scope.ts';
import { paused } from './gates/paused.ts';
import { sizing } from './gates/sizing.ts';
import { storm } from './gates/storm.ts';

/** Asked in this order; the first objection stands. What protects comes before what paces. */
export const gates: readonly Gate[] = [
  ourselves,
  outOfScope,
  evidence,
  optOut,
  observeOnly,
  paused,
  operatorStop,
  sizing,
  noChange,
  inFlight,
  dependency,
  storm,
  approval,
  attemptCap,
  cooldown,
  backoff,
];
