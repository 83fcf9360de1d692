import { z } from 'zod';
import { ALL_CONDITIONS } from '../domain/condition.ts';
import { DANGERS } from '../domain/repair.ts';
import { type Kind, name, oneOf, pastDuration, wholeNumber, yesNo } from './kinds.ts';
import { scalar } from './yaml-value.ts';

const strategyName: Kind<string> = { ...name, expected: 'the name of a strategy' };
const patternName: Kind<string> = { ...name, expected: 'the name of a log pattern' };

/** One playbook, one file. Whether its strategies exist is checked by `loadPlaybooks`. */
export const playbookSchema = z.strictObject({
  name: scalar(name, 'What `playbooks.use` and labels call it.'),
  condition: scalar(oneOf(...ALL_CONDITIONS), 'What it is for.'),
  patterns: z
    .array(scalar(patternName, 'One of `watchdog check`.'))
    .min(1, 'at least one pattern')
    .max(50, 'at most 50 patterns')
    .describe('Only for what logs tell: the log patterns that it is for; without it all of its condition.')
    .optional(),
  ladder: z
    .array(
      z.strictObject({
        strategy: scalar(strategyName, 'What is done.'),
        with: z
          .record(
            z.string(),
            z.union(
              [z.string(), z.number(), z.boolean(), z.array(z.string())],
              'text, a number, true, false, or a list of texts',
            ),
          )
          .optional(),
        danger: scalar(
          oneOf(...DANGERS),
          'What it may harm, where that is more than its strategy is known for: `data` and `host` need a yes.',
        ).optional(),
      }),
    )
    .max(20, 'at most 20 rungs')
    .describe('Gentlest first: one rung per failed attempt, the last one again. Empty: people only.'),
  even_if_well: scalar(
    yesNo,
    'Only for what logs tell: whether the word of a log is enough, though the container is well. Else it has to be ill too.',
  ).optional(),
  patience: scalar(
    pastDuration(),
    'Only for what logs tell: so long what still runs is left alone from the beginning of its trouble; it mends itself.',
  ).optional(),
  cooldown: scalar(pastDuration(), "Quiet time after a repair that worked, instead of the service's own.").optional(),
  attempts: scalar(wholeNumber(1, 1_000), "Attempts in the window, instead of the service's own.").optional(),
  why: z.string().max(4_096, 'at most 4096 characters').describe('For whoever reads the file.').optional(),
});
