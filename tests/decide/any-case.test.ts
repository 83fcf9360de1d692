import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { decide, explainGates } from '../../watchdog/decide/decide.ts';
import { gates } from '../../watchdog/decide/gates.ts';
import type { Case } from '../../watchdog/domain/decision.ts';
import { GATE_CODES, type GateCode } from '../../watchdog/domain/decision.ts';
import { aPlaybook, aStack, NO_CONSENT } from '../fakes/a-service.ts';
import { someCase } from './a-case.ts';

const inAnyCase = (check: (facts: Case) => void) => fc.assert(fc.property(someCase, check), { numRuns: 500 });

const objectionsTo = (facts: Case) => explainGates(facts).answers.flatMap(({ objection }) => objection ?? []);

/** Objected to by this gate, or by one that is asked before it. */
const heldBackBy = (code: GateCode, facts: Case) => {
  const decision = decide(facts);
  expect(
    decision.verdict === 'stand-back' ? GATE_CODES.indexOf(decision.objection.code) : GATE_CODES.length,
  ).toBeLessThanOrEqual(GATE_CODES.indexOf(code));
};

test('the cases are of all sorts: every gate objects first to some of them, and some go', () => {
  const seen = new Set(
    fc.sample(someCase, { numRuns: 5_000, seed: 1 }).map(facts => {
      const decision = decide(facts);
      return decision.verdict === 'go' ? 'go' : decision.objection.code;
    }),
  );

  expect([...seen].sort()).toEqual([...GATE_CODES, 'go'].sort());
});

describe('in any case', () => {
  test('what explain shows is what is decided: the first objection, or go where there is none', () => {
    inAnyCase(facts => {
      const { order } = explainGates(facts);
      const [first] = objectionsTo(facts);

      expect(decide(facts)).toEqual(
        first === undefined ? { verdict: 'go', order } : { verdict: 'stand-back', order, objection: first },
      );
    });
  });

  test('a gate objects under its own code', () => {
    inAnyCase(facts => {
      for (const { code, objection } of explainGates(facts).answers) expect(objection?.code ?? code).toBe(code);
    });
  });

  test('looking again is a matter of the future, and the gate then objects no more', () => {
    inAnyCase(facts => {
      const { order } = explainGates(facts);
      for (const gate of gates) {
        const objection = gate.objection(facts, order);
        // A pause that is over is not handed in any more; while a project goes down one looks every few seconds.
        if (objection?.until === undefined || gate.code === 'paused' || objection.because.includes('being stopped'))
          continue;
        expect(objection.until).toBeGreaterThan(facts.now);
        const then = { ...facts, now: objection.until };
        const again = gate.objection(then, explainGates(then).order);
        // A deploy may end while a dependency is still recovering: another reason, behind the first.
        // And a question that was not answered in time is left to people.
        if (gate.code === 'approval') expect(objection.asks).toBeDefined();
        else if (gate.code === 'in-flight') expect(again?.because).not.toBe(objection.because);
        else expect([gate.code, again]).toEqual([gate.code, undefined]);
      }
    });
  });
});

describe('whatever else is the case, also when a person asks, nothing is done', () => {
  test.each<[string, GateCode, (facts: Case) => Partial<Case>]>([
    [
      'to the watchdog itself',
      'ourselves',
      ({ incident }) => ({ scope: { projects: '*', selfId: incident.patients[0]?.id } }),
    ],
    ['in a project that is not watched', 'out-of-scope', ({ scope }) => ({ scope: { ...scope, projects: ['other'] } })],
    ['to a service that was taken out', 'opt-out', ({ policy }) => ({ policy: { ...policy, enabled: false } })],
    [
      'to a service whose labels cannot be read',
      'opt-out',
      ({ policy }) => ({ policy: { ...policy, problems: ['?'] } }),
    ],
    ['in observe mode', 'observe-only', ({ policy }) => ({ policy: { ...policy, mode: 'observe' } })],
    ['in a pause', 'paused', () => ({ pause: { by: 'maintenance', until: undefined, reason: '' } })],
    ['by a strategy that does not exist', 'no-change', () => ({ asked: { strategy: 'constructor' } })],
    ['where people are to look', 'no-change', () => ({ asked: {}, playbook: aPlaybook({ ladder: [] }) })],
    ['to data without a yes', 'approval', () => ({ asked: { strategy: 'wipe' }, consent: NO_CONSENT })],
    ['to the host without a yes', 'approval', () => ({ asked: { strategy: 'prune-host' }, consent: NO_CONSENT })],
  ])('%s', (_sentence, code, making) => {
    inAnyCase(facts => {
      heldBackBy(code, { ...facts, ...making(facts) });
      if (facts.asked === undefined) heldBackBy(code, { ...facts, asked: { reason: 'now' }, ...making(facts) });
    });
  });
});

test('what a person asks for is held back by what protects, and by nothing else', () => {
  const protecting: readonly GateCode[] = [
    'ourselves',
    'out-of-scope',
    'evidence',
    'opt-out',
    'observe-only',
    'paused',
    'sizing',
    'no-change',
    'approval',
  ];

  inAnyCase(facts => {
    const asked = { ...facts, asked: facts.asked ?? { reason: 'now' } };
    expect(explainGates(asked).answers.map(({ code }) => code)).toEqual(protecting);
  });
});

test('names decide nothing: a service called like what every object has is judged like any other', () => {
  const verdict = (facts: Case) => {
    const decision = decide(facts);
    return decision.verdict === 'go' ? 'go' : decision.objection.code;
  };

  inAnyCase(facts => {
    for (const name of ['constructor', '__proto__', 'toString'])
      expect(verdict(renamed(facts, 'db', name))).toBe(verdict(facts));
  });
});

/** The same case where these two services have changed names. */
function renamed(facts: Case, one: string, other: string): Case {
  const name = (old: string) => (old === one ? other : old === other ? one : old);
  const services = [...facts.stack.services()].map(({ service, replicas, dependencies, ...rest }) => ({
    ...rest,
    service: name(service),
    replicas: replicas.map(replica => ({ ...replica, service: name(replica.service) })),
    dependencies: dependencies.map(needed => ({ ...needed, service: name(needed.service) })),
  }));
  const stack = aStack(services);
  return {
    ...facts,
    service: stack.service(facts.incident),
    stack: { ...stack, lastDeployAt: facts.stack.lastDeployAt },
    beyondRepair: facts.beyondRepair.map(name),
    underRepair: facts.underRepair.map(name),
  };
}
