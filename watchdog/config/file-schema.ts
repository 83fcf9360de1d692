import { z } from 'zod';
import { ALL_CONDITIONS, type Condition } from '../domain/condition.ts';
import {
  absolutePath,
  byteSize,
  duration,
  name,
  names,
  port,
  portRange,
  servicesOrAll,
  share,
  socketHost,
  text,
  timeOfDay,
  timeZone,
  weekdays,
  wholeNumber,
  yesNo,
} from './kinds.ts';
import { POLICY_FIELDS, POLICY_KEYS } from './policy-keys.ts';
import { scalingSection } from './scaling-schema.ts';
import { type Optional, optional, scalar } from './yaml-value.ts';

const policyShape: Record<string, Optional<unknown>> = Object.fromEntries(
  POLICY_FIELDS.map(field => {
    const { file, kind, meaning } = POLICY_KEYS[field];
    return [file, optional<unknown>(kind, meaning)];
  }),
);

const playbookByCondition = z.strictObject(
  Object.fromEntries(
    ALL_CONDITIONS.map(condition => [condition, optional(name, `The playbook for ${condition}, by its name.`)]),
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

const strategyName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'expected the name of a strategy, such as fix-permissions');

const approvals = z.strictObject({
  wait: optional(duration(60_000), 'How long a question waits for its answer; then it is left to people.'),
  allow: z
    .record(strategyName, scalar(servicesOrAll, 'Services (web or shop/web) that it may be used for; "*" for all.'))
    .describe('Strategies that touch data or the host and need no asking, each with its services.')
    .optional(),
});

const alternatives = z.strictObject({
  inside: z
    .array(scalar(port, 'A port inside of the container.'))
    .describe('What it is for: ports on which containers listen.')
    .min(1, 'at least one port'),
  range: scalar(portRange, 'The ports of the host that stand in for a taken one, such as 9000-9010.'),
});

const backups = z.strictObject({
  keep: optional(
    wholeNumber(1, 1_000),
    'How many backups of each volume of a container are kept; the oldest go first.',
  ),
  max_size: optional(byteSize, 'A larger backup is broken off, and what needed it is not done.'),
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
  log_patterns: z
    .strictObject({
      folders: z
        .array(scalar(text, 'A folder; a relative one is sought beside this file.'))
        .describe('Extra folders with log patterns; later ones override earlier ones and the built-in ones.')
        .optional(),
    })
    .optional(),
  strategies: z.strictObject({ folder: optional(text, 'Where your own strategies are (*.ts, *.js).') }).optional(),
  approvals: approvals.describe("What needs a person's yes: strategies that touch data or the host.").optional(),
  ports: z
    .record(
      z.string().refine(key => name.read(key) !== undefined, 'a name of your own, or web, postgres or redis'),
      alternatives,
    )
    .describe('Other ports of the host for services that allow it (alternative_port), by a name for each sort.')
    .optional(),
  backups: backups.describe("Backups of volumes, in the watchdog's data folder.").optional(),
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
  scaling: z
    .record(serviceName, scalingSection)
    .describe('What the number of replicas of a service follows, by its name or by project/name.')
    .optional(),
  masking: z
    .strictObject({
      emails: optional(yesNo, 'Whether addresses of e-mail are hidden, too.'),
      patterns: z
        .array(
          z.strictObject({
            name: scalar(name, 'For those who read this file.'),
            expression: scalar(text, 'What is hidden; case is of no matter. In the language of log patterns.'),
          }),
        )
        .describe('What is hidden besides what looks like a secret.')
        .max(50, 'at most 50')
        .optional(),
    })
    .describe('What is hidden in all that is stored, shown, logged and sent, besides what looks like a secret.')
    .optional(),
  queues: z
    .strictObject({
      hosts: z
        .array(scalar(socketHost, 'A host, without a port.'))
        .describe('Hosts that a label may name as the place of a queue, besides the names of services.')
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
