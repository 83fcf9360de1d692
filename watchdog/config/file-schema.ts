import { z } from 'zod';
import { CONDITIONS, type Condition } from '../domain/condition.ts';
import {
  absolutePath,
  byteSize,
  duration,
  type Kind,
  name,
  names,
  share,
  text,
  timeOfDay,
  timeZone,
  weekdays,
  yesNo,
} from './kinds.ts';
import { POLICY_FIELDS, POLICY_KEYS } from './policy-keys.ts';

/** One value of a kind, as YAML may write it: a string, a number, true or false, or a list where the kind takes one. */
export const scalar = <T>(kind: Kind<T>, meaning: string) => value(kind, meaning, []);

type Optional<T> = z.ZodOptional<z.ZodType<T>>;

/** One that may be left out; the reader takes a key without a value for an absent one, so editors shall too. */
const optional = <T>(kind: Kind<T>, meaning: string): Optional<T> =>
  value(kind, meaning, [{ type: 'null' }]).optional() as Optional<T>;

function value<T>(kind: Kind<T>, meaning: string, besides: readonly object[]) {
  const fromVariable = { type: 'string', pattern: '\\$' };
  return z
    .unknown()
    .meta({ description: meaning, anyOf: [kind.jsonSchema, fromVariable, ...besides] })
    .transform((given, context): T => {
      const written = textOf(given, kind.takesList === true);
      const found = written === undefined ? undefined : kind.read(written);
      if (found !== undefined) return found;
      context.addIssue({ code: 'custom', message: kind.expected });
      return z.NEVER;
    });
}

function textOf(given: unknown, takesList: boolean): string | undefined {
  if (Array.isArray(given))
    return takesList && given.every(item => typeof item === 'string') ? given.join(',') : undefined;
  return typeof given === 'string' || typeof given === 'number' || typeof given === 'boolean'
    ? String(given).trim()
    : undefined;
}

const policyShape: Record<string, Optional<unknown>> = Object.fromEntries(
  POLICY_FIELDS.map(field => {
    const { file, kind, meaning } = POLICY_KEYS[field];
    return [file, optional<unknown>(kind, meaning)];
  }),
);

const playbookByCondition = z.strictObject(
  Object.fromEntries(
    CONDITIONS.map(condition => [condition, optional(name, `The playbook for ${condition}, by its name.`)]),
  ) as Record<Condition, Optional<string>>,
);

const serviceName = z.string().refine(key => name.read(key) !== undefined, 'the name of a service: web or shop/web');

const maintenanceWindow = z.strictObject({
  days: optional(weekdays, 'Days on which the window begins; every day where it is left out.'),
  from: scalar(timeOfDay, 'When it begins, in the zone.'),
  to: scalar(timeOfDay, 'When it ends; not later than `from` means: on the next day.'),
  zone: scalar(timeZone, 'IANA name of the time zone, such as Europe/Berlin.'),
  services: optional(names, 'Services (web or shop/web); all where it is left out.'),
  reason: optional(text, 'Shown to people while the window lasts.'),
});

const cleanup = z.strictObject({
  build_cache: optional(yesNo, 'Whether cleanup may empty the build cache.'),
  dangling_images: optional(yesNo, 'Whether cleanup may remove images without a name that no container uses.'),
  logs_older_than: optional(duration(3_600_000), 'Cleanup removes rotated logs that were last written before that.'),
  log_paths: z
    .array(scalar(absolutePath, 'A folder with rotated logs, as the watchdog sees it.'))
    .describe("Folders in which cleanup may remove rotated logs, besides the watchdog's own.")
    .optional(),
  stopped_containers: optional(
    yesNo,
    'Whether cleanup may remove stopped containers that belong to no Compose project.',
  ),
  system_prune: optional(
    yesNo,
    'Whether cleanup may, as the last resort, do what `docker system prune` does outside Compose.',
  ),
});

const disk = z.strictObject({
  paths: z
    .array(scalar(absolutePath, 'A path, as the watchdog sees it.'))
    .describe("Watched paths; without any, the watchdog's data folder and, where it can be seen, Docker's own.")
    .optional(),
  threshold: optional(share, 'A disk with less than this free is low.'),
  cleanup: cleanup.describe('What the strategy `cleanup` may touch.').optional(),
});

/** `watchdog.yml`. Sections that INTERFACE names and that no version reads yet are unknown keys. */
export const fileSchema = z.strictObject({
  policy: z.strictObject(policyShape).describe('What is allowed for every service.').optional(),
  services: z
    .record(serviceName, z.strictObject({ ...policyShape, playbook: playbookByCondition.optional() }))
    .describe('What is different for one service, by its name or by project/name.')
    .optional(),
  playbooks: z
    .strictObject({
      folders: z
        .array(scalar(text, 'A folder; a relative one is sought beside this file.'))
        .describe('Extra folders with playbooks; later ones override earlier ones and the built-in ones.')
        .optional(),
      use: playbookByCondition.describe('Which playbook is used for which condition.').optional(),
    })
    .optional(),
  strategies: z.strictObject({ folder: optional(text, 'Where your own strategies are (*.ts, *.js).') }).optional(),
  disk: disk.describe("The host's disks: which are watched, and what may be removed when one is low.").optional(),
  notify: z
    .strictObject({
      report: z
        .strictObject({
          at: optional(timeOfDay, 'When it is sent, in the zone; never while it is left out.'),
          zone: optional(timeZone, 'IANA name of the time zone, such as Europe/Berlin; UTC where it is left out.'),
        })
        .describe('The report of the day, for Slack and the webhook.')
        .optional(),
    })
    .optional(),
  maintenance: z.array(maintenanceWindow).describe('Weekly windows in which nothing is repaired.').optional(),
  retention: z
    .strictObject({
      keep: optional(duration(3_600_000), 'How long decisions, repairs and closed incidents are kept.'),
      max_size: optional(byteSize, 'The oldest are forgotten when the ledger grows beyond this.'),
    })
    .optional(),
});

export type FileContent = z.infer<typeof fileSchema>;
