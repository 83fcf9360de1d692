import type { JournalStep } from '../domain/repair.ts';

/** The text that was journaled under this key with the last step of that name. */
export function textIn(steps: readonly JournalStep[], step: string, key: string): string | undefined {
  const value = steps.findLast(line => line.step === step)?.data[key];
  return typeof value === 'string' ? value : undefined;
}
