import { describe, expect, test } from '@jest/globals';
import { gates } from '../../watchdog/decide/gates.ts';
import { GATE_CODES } from '../../watchdog/domain/decision.ts';

describe('the list of gates', () => {
  test('asks every gate of the vocabulary once, in its order', () => {
    expect(gates.map(({ code }) => code)).toEqual(GATE_CODES);
  });

  test('spares a person who ordered the repair the gates that only pace, and no other', () => {
    const evenWhenAsked = gates.filter(gate => gate.evenWhenAsked).map(({ code }) => code);

    expect(evenWhenAsked).toEqual([
      'ourselves',
      'out-of-scope',
      'opt-out',
      'observe-only',
      'paused',
      'no-change',
      'approval',
    ]);
  });
});
