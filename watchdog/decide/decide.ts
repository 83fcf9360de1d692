import type { Case, Decision, Explanation } from '../domain/decision.ts';
import { draftOrder } from './draft-order.ts';
import { gates } from './gates.ts';

/** First what we would do, then whether we may: the first gate that objects decides. */
export function decide(facts: Case): Decision {
  const order = draftOrder(facts);
  for (const gate of gatesFor(facts)) {
    const objection = gate.objection(facts, order);
    if (objection !== undefined) return { verdict: 'stand-back', order, objection };
  }
  if (order === undefined) throw new Error('no gate objected to a case without an order; no-change must');
  return { verdict: 'go', order };
}

/** Every gate's answer, not only the first objection: for `explain`. */
export function explainGates(facts: Case): Pick<Explanation, 'order' | 'answers'> {
  const order = draftOrder(facts);
  return {
    order,
    answers: gatesFor(facts).map(({ code, objection }) => ({ code, objection: objection(facts, order) })),
  };
}

const gatesFor = (facts: Case) => gates.filter(gate => facts.asked === undefined || gate.evenWhenAsked);
