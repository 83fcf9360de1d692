import { z } from 'zod';
import { hours, minutes, seconds } from '../domain/time.ts';
import { duration, oneOf, pastDuration, wholeNumber, yesNo } from './kinds.ts';
import { METRIC_FIELDS, SCALING_FIELDS, SCALING_KEYS, type ScalingField } from './scaling-keys.ts';
import { type Optional, optional, scalar } from './yaml-value.ts';

const shapeOf = (fields: readonly ScalingField[]): Record<string, Optional<unknown>> =>
  Object.fromEntries(
    fields.map(field => {
      const { file, kind, meaning } = SCALING_KEYS[field];
      return [file, optional<unknown>(kind, meaning)];
    }),
  );

/** Windows and periods may be as long as those of a HorizontalPodAutoscaler (k8s.io/api autoscaling/v2, HPAScalingRules). */
const policy = z
  .strictObject({
    percent: optional(wholeNumber(1, 10_000), 'So many percent of the replicas, ...'),
    replicas: optional(wholeNumber(1, 10_000), '... or so many replicas, ...'),
    period: scalar(duration(seconds(1), minutes(30)), '... within this time.'),
  })
  .refine(({ percent, replicas }) => (percent === undefined) !== (replicas === undefined), {
    message: 'one of percent and replicas, not both',
  });

const pace = z.strictObject({
  stabilization_window: optional(duration(0, hours(1)), 'The most cautious recommendation of this time counts.'),
  policies: z
    .array(policy)
    .min(1, 'at least one policy; `select: disabled` forbids the direction')
    .max(20, 'at most 20 policies')
    .describe('How much may change within a time.')
    .optional(),
  select: optional(
    oneOf('max', 'min', 'disabled'),
    'The policy that allows most, the one that allows least, or no change in this direction at all.',
  ),
  cooldown: optional(pastDuration(), 'Quiet time of this direction, instead of `cooldown`.'),
});

const metric = z.strictObject(shapeOf(METRIC_FIELDS));

/** `scaling.<service>` of the configuration file. What fits together is checked by `scalingFrom`. */
export const scalingSection = z.strictObject({
  ...shapeOf(SCALING_FIELDS),
  metrics: z
    .array(metric)
    .min(1, 'at least one metric')
    .max(20, 'at most 20 metrics')
    .describe('Several metrics instead of one; the largest answer counts.')
    .optional(),
  behaviour: z
    .strictObject({
      scale_up: pace.describe('How fast it may grow.').optional(),
      scale_down: pace.describe('How fast it may shrink.').optional(),
    })
    .describe('As `behavior` of a HorizontalPodAutoscaler.')
    .optional(),
  fallback: z
    .strictObject({
      replicas: scalar(wholeNumber(0, 10_000), 'What a metric that cannot be read is taken to ask for, ...'),
      after: scalar(wholeNumber(0, 1_000), '... once it failed more often than this in a row.'),
    })
    .describe('Without it the number of replicas is held while metrics cannot be read.')
    .optional(),
  shared_storage: optional(yesNo, 'true: replicas of this database may write to the same volume.'),
});

export type ScalingSection = z.infer<typeof scalingSection>;
