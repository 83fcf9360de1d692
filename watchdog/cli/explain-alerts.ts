import { readFile } from 'node:fs/promises';
import { codeOf } from '../config/read-env.ts';
import type { AlertExplanationBody } from '../serve/shapes.ts';
import { toJson } from '../serve/to-json.ts';
import type { Context } from './context.ts';
import { CommandFailed, EXIT } from './exit.ts';
import { explanationInWords } from './explanation-in-words.ts';
import { plainLine } from './plain.ts';
import { reading } from './source.ts';
import type { Terminal } from './terminal.ts';

/** Replays a delivery of Alertmanager: what each alert is about, what would be done, and every gate's answer. Touches nothing. */
export async function explainAlerts(file: string, json: boolean, context: Context): Promise<void> {
  const body = await savedBody(file);
  const alerts = await reading(context, source => source.explainAlerts(body));
  context.terminal.print(json ? toJson({ items: alerts }, 2) : inWords(alerts, context.terminal));
  if (alerts.some(({ verdict, explanation }) => verdict === 'refused' || explanation?.verdict === 'incident'))
    context.finish(EXIT.trouble);
}

async function savedBody(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const found = error instanceof SyntaxError ? 'is not JSON' : `cannot be read (${codeOf(error)})`;
    throw new CommandFailed(
      EXIT.usage,
      `${file} ${found}: expected a file with what Alertmanager posted to the webhook`,
    );
  }
}

function inWords(alerts: readonly AlertExplanationBody[], terminal: Terminal): string {
  if (alerts.length === 0) return 'no alerts in it';
  return alerts.map(alert => alertInWords(alert, terminal)).join('\n\n');
}

function alertInWords(alert: AlertExplanationBody, terminal: Terminal): string {
  const { name, status, verdict, code, because, repair, explanation } = alert;
  const title = `${name}, ${status}`;
  if (explanation === undefined)
    return plainLine(`${title}: ${verdict === 'ignored' ? 'ignored' : `refused (${code})`}; ${because}`);
  return [
    plainLine(`${title}: about ${explanation.project}/${explanation.service}, ${because}; asks for ${repair}`),
    explanationInWords(explanation, terminal),
  ].join('\n');
}
