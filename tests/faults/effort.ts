import { randomInt } from 'node:crypto';
import { Dice } from '../simulation/dice.ts';
import type { Judgement } from './judgement.ts';

/** `npm run faults`: minutes for what `npm test` does in seconds. */
export const isLong = process.env.FAULTS === 'long';

/**
 * Of `FAULTS_SEED`, or a fresh one; in `npm test`, which others wait for, always the same. What a real engine and a real scheduler do
 * besides is not in its hands.
 */
const seed = Number(process.env.FAULTS_SEED || (isLong ? randomInt(2 ** 31) : 1));

export const dice = new Dice(seed);

/** A line for the table in docs/reliability.md. */
export function tell(fault: string, { injected, lost, doubled, unrecorded }: Judgement, more = ''): void {
  const found = `lost ${lost.length}, doubled ${doubled.length}, unrecorded ${unrecorded.length}`;
  process.stderr.write(`faults, seed ${seed}: ${fault}: injected ${injected}, ${found}${more && `; ${more}`}\n`);
}
