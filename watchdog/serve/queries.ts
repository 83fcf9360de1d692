import { z } from 'zod';
import { durationFrom } from '../domain/duration-from.ts';
import type { Page } from '../domain/records.ts';
import { Problem } from './problem.ts';
import type { ServiceView, WatchdogView } from './watchdog-view.ts';

// What several routes read from a request.

const name = z.string().min(1).max(200);

/** `?project=`: which of several services of one name is meant, or whose items are wanted. */
export const projectQuery = z.strictObject({ project: name.optional() });

/** `?project=&service=`: whose items are wanted. */
export const serviceQuery = projectQuery.extend({ service: name.optional() });

/** `?limit=&cursor=&project=&service=`, as every list reads it. */
export const pageQuery = serviceQuery.extend({
  limit: z
    .string()
    .regex(/^\d{1,4}$/, 'expected a whole number')
    .transform(Number)
    .pipe(z.number().min(1).max(500))
    .default(50),
  cursor: z
    .string()
    .regex(/^[\w.:~=+-]{1,200}$/, 'expected the `next` of the page before')
    .optional(),
});

/** Words that people write to be read by people. */
export const reasonField = z.string().trim().max(500).optional();

/** The id of a question to people. */
export const orderField = z
  .string()
  .regex(/^\d{1,15}$/, 'expected the number of the order that is meant')
  .optional();

/** `30s`, `5m`, `1h` or bare seconds (also as a JSON number); in milliseconds. */
export const durationField = z.union([z.string().max(40), z.number()]).transform((value, context) => {
  const duration = durationFrom(String(value));
  if (duration !== undefined && duration >= 1_000 && duration <= LONGEST) return duration;
  context.addIssue({
    code: 'custom',
    message: 'expected a duration from 1s to 366d, such as 30s, 5m, 1h or bare seconds',
  });
  return z.NEVER;
});

const LONGEST = 366 * 86_400_000;

/** Without the fields that were not asked for: the ledger's queries know no `undefined`. */
export function asked<T extends object>(query: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as never;
}

/** A page of records as the wire has it. */
export const pageBody = <T, Body>(page: Page<T>, body: (item: T) => Body): { items: Body[]; next?: string } => ({
  items: page.items.map(body),
  ...(page.next !== undefined && { next: page.next }),
});

/** The one service of this name. Throws 404 when there is none, 409 with the choices when projects share the name. */
export function serviceNamed(
  view: WatchdogView,
  service: string | undefined,
  project: string | undefined,
): ServiceView {
  const known = view.services();
  const found = known.filter(each => each.service === service && (project === undefined || each.project === project));
  const [only] = found;
  if (found.length === 1 && only) return only;
  const full = project === undefined ? `${service}` : `${project}/${service}`;
  if (only)
    throw new Problem(409, `several projects have a service ${full}: say which project is meant`, {
      problems: found.map(each => `${each.project}/${each.service}`),
    });
  throw new Problem(404, `there is no service ${full} in scope`, {
    problems: known.slice(0, 50).map(each => `${each.project}/${each.service}`),
  });
}
