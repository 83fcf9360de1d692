import { type Approval, type Consent, deedOf, type Standing, standingOf } from '../domain/approval.ts';
import type { Order } from '../domain/repair.ts';
import type { Instant } from '../domain/time.ts';

/** The newest question to people about exactly this order. */
export function questionAbout(order: Order, { approvals }: Consent): Approval | undefined {
  const deed = deedOf(order);
  return approvals.findLast(each => each.deed === deed);
}

/** How it stands with that question; undefined where there was none. */
export function standingOn(order: Order, consent: Consent, now: Instant): Standing | undefined {
  const asked = questionAbout(order, consent);
  return asked && standingOf(asked, now);
}
