import { type Loaded, loadSettings, type Sources } from './config/load-settings.ts';
import type { Problem } from './config/settings.ts';
import { compileMask } from './diagnose/log-errors/compile-mask.ts';
import { hideAlso } from './domain/mask.ts';

/**
 * Reads the settings, and has hidden from now on what they want hidden besides what looks like a secret: wherever this process
 * prints, stores or sends. What an expression must not be is a problem of the settings; with any, what was hidden before is.
 */
export function loadSettingsAndMask(sources: Sources): Loaded {
  const { settings, problems: others } = loadSettings(sources);
  const expressions: RegExp[] = [];
  const problems: Problem[] = [...others];
  for (const [index, { name, expression }] of settings.masking.patterns.entries()) {
    const compiled = compileMask(expression);
    if ('regExp' in compiled) expressions.push(compiled.regExp);
    else
      problems.push({
        place: `${settings.origins[`masking.patterns.${index}.expression`] ?? 'masking'} masking.patterns.${name}`,
        ...compiled,
        remedy: 'Correct the expression, or remove it; docs/log-errors.md#secrets says what is possible.',
      });
  }
  if (problems.length === 0) hideAlso({ expressions, emails: settings.masking.emails });
  return { settings, problems };
}
