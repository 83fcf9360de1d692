import { expect, test } from '@jest/globals';
import { whySlow } from '../architecture/laws.ts';

// What is written out is judged by the architecture test; these are put together from constants when their module is read.
const made: RegExp[] = [];
const Plain = RegExp;
globalThis.RegExp = class extends Plain {
  constructor(source: string | RegExp, flags?: string) {
    super(source, flags);
    made.push(new Plain(source, flags));
  }
} as unknown as typeof RegExp;
const { mask } = await import('../../watchdog/domain/mask.ts');
globalThis.RegExp = Plain;

test('the expressions by which secrets are found take no longer than the text is long', () => {
  expect(made).toHaveLength(2);
  expect(made.flatMap(expression => whySlow(expression) ?? [])).toEqual([]);
  expect(mask('--password hunter2')).toBe('--password ***');
});
