import { describe, expect, test } from '@jest/globals';
import { decide } from '../../watchdog/decide/decide.ts';
import type { Case, GateCode } from '../../watchdog/domain/decision.ts';
import type { Dependency } from '../../watchdog/domain/service.ts';
import { aCase, ago, anAttempt } from '../fakes/a-service.ts';

export type Row = readonly [sentence: string, differing: Partial<Case>, code: GateCode | 'go', until?: number];

/** The gate's code and when looking again helps; `go` where none objects. */
export function answer(facts: Case): readonly [GateCode | 'go', number | undefined] {
  const decision = decide(facts);
  return decision.verdict === 'go' ? ['go', undefined] : [decision.objection.code, decision.objection.until];
}

export const rows = (about: string, table: readonly Row[]) =>
  describe(about, () => {
    // Whole rows, because jest fills up short ones with its own `done`.
    test.each(table.map(([sentence, ...row]) => ({ sentence, row })))(
      '$sentence',
      ({ row: [differing, code, until] }) => {
        expect(answer(aCase(differing))).toEqual([code, until]);
      },
    );
  });

export const needs = (service: string, condition: Dependency['condition'] = 'started'): Dependency => ({
  service,
  condition,
  restart: false,
});
export const healed = (at: number, replicas = [1]) => anAttempt({ at, outcome: 'healed', code: 'proven', replicas });

export const attempts = (...ats: string[]) => ats.map(at => anAttempt({ at: ago(at) }));
export const capped = (escalated: boolean, ...ats: string[]) => ({ past: { attempts: attempts(...ats), escalated } });
