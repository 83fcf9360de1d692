import type { Command } from 'commander';
import { describeProblems, describeSettings, settingsInForce } from '../config/describe.ts';
import { toJson } from '../serve/to-json.ts';
import type { Checked } from './checks.ts';
import type { Context } from './context.ts';
import { endpointsAsJson, endpointsInWords } from './endpoints.ts';
import { EXIT, type ExitStatus } from './exit.ts';
import { logPatternsFor } from './log-patterns.ts';
import { plain } from './plain.ts';

/** `watchdog check`: what is in force and where it came from; then everything that is wrong with it. Starts nothing. */
export function checkCommand(program: Command, context: Context): void {
  program
    .command('check')
    .description(
      'print the settings in force and where each came from; check playbooks, log patterns, strategies, labels and the engine',
    )
    .option('--endpoints', 'print what is asked of the engine, for reading and for acting, and nothing else')
    .option('--json', 'print JSON')
    .action(async ({ endpoints, json }: { endpoints?: boolean; json?: boolean }) => {
      if (endpoints) return context.terminal.print(json ? endpointsAsJson() : endpointsInWords());
      // Imported here, because it brings the engine's client: the short commands stay quick.
      const { checkEngines, checkPlaybooks, checkServices } = await import('./checks.ts');
      const { settings, problems } = context.settings();
      const inForce = settingsInForce(settings);
      const logPatterns = logPatternsFor(settings);
      const known = logPatterns.patterns.map(({ name }) => name);
      const playbooks = await checkPlaybooks(settings, context.terminal.env, known);
      const engines = await checkEngines(settings, context.terminal.env);
      const services = engines.every(({ error }) => error === undefined)
        ? await checkServices(settings, context.terminal.env, playbooks.playbooks)
        : [];
      const checked: Checked = {
        problems: [...problems, ...playbooks.problems, ...logPatterns.problems],
        engines,
        services,
      };
      if (json) context.terminal.print(toJson({ settings: inForce, ...checked }, 2));
      else context.terminal.print(plain([describeSettings(inForce), '', ...inWords(checked)].join('\n')));
      context.finish(statusOf(checked));
    });
}

function inWords({ problems, engines, services }: Checked): string[] {
  return [
    ...engines.map(({ purpose, version, error }) =>
      error === undefined ? `engine for ${purpose}: ${version}` : `engine for ${purpose} cannot be reached: ${error}`,
    ),
    ...(problems.length > 0 ? [describeProblems(problems)] : []),
    ...services.flatMap(({ name, problems, notScaled }) => [
      ...problems.map(problem => `${name} is held back: ${problem}`),
      ...notScaled.map(why => `${name} is not scaled: ${why}`),
    ]),
    ...(problems.length === 0 && services.length === 0 ? ['no problems with the settings'] : []),
  ];
}

/** What keeps the watchdog from starting weighs most. A bad label holds back its own service only. */
function statusOf({ problems, engines, services }: Checked): ExitStatus {
  if (problems.length > 0) return EXIT.usage;
  if (engines.some(({ error }) => error !== undefined)) return EXIT.unreachable;
  return services.length > 0 ? EXIT.trouble : EXIT.fine;
}
