import type { Command } from 'commander';
import { toJson } from '../serve/to-json.ts';
import type { Context } from './context.ts';
import { EXIT } from './exit.ts';
import { explainAlerts } from './explain-alerts.ts';
import { explanationInWords } from './explanation-in-words.ts';
import { isStuck } from './scale.ts';
import { reading } from './source.ts';

/** `watchdog explain <service>`: the road walked without touching anything; for a file with alerts, once for each of them. */
export function explainCommand(program: Command, context: Context): void {
  program
    .command('explain')
    .description("show what is wrong with a service, what would be done and every gate's answer; touches nothing")
    .argument('<service>', 'its Compose name; or a file NAME.json with what Alertmanager posted')
    .option('--project <name>', 'which one, when several projects have a service of this name')
    .option('--json', 'print JSON')
    .action(async (service: string, { project, json }: { project?: string; json?: boolean }) => {
      if (service.endsWith('.json')) return explainAlerts(service, json === true, context);
      const explanation = await reading(context, source => source.explain(service, project));
      context.terminal.print(json ? toJson(explanation, 2) : explanationInWords(explanation, context.terminal));
      if (explanation.verdict === 'incident' || isStuck(explanation)) context.finish(EXIT.trouble);
    });
}
