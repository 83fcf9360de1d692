import { toldInWords } from '../domain/playbook.ts';
import type { ExplanationBody } from '../serve/shapes.ts';
import { plainLine } from './plain.ts';
import { whyNotScaled } from './scale.ts';
import { painted, table, when } from './tell.ts';
import type { Terminal } from './terminal.ts';

/** What is wrong, what would be done, and every gate's answer. */
export function explanationInWords(explanation: ExplanationBody, terminal: Terminal): string {
  const { project, service, incident, order, gates } = explanation;
  const name = `${project}/${service}`;
  if (!incident) {
    const verdict = explanation.verdict === 'well' ? 'well' : 'nothing wrong';
    return [plainLine(`${name}: ${verdict}; ${explanation.because}`), ...sizeInWords(explanation)].join('\n');
  }
  const evidence = Object.entries(incident.evidence).map(([fact, value]) => `${fact}=${value}`);
  return [
    plainLine(`${name}: ${incident.condition} since ${when(incident.since, terminal.now())}; ${incident.because}`),
    plainLine(`containers: ${incident.replicas.join(', ') || '-'}`),
    ...(evidence.length > 0 ? [plainLine(`evidence: ${evidence.join(', ')}`)] : []),
    orderInWords(order),
    ...(gates.length > 0 ? ['', gatesTable(gates, terminal)] : []),
    '',
    decisionInWords(explanation),
    ...sizeInWords(explanation),
  ].join('\n');
}

function orderInWords(order: ExplanationBody['order']): string {
  if (!order) return 'order: none; no playbook has a strategy for this';
  const parameters = toldInWords(order.with);
  const told = parameters === '' ? '' : ` with ${parameters}`;
  return plainLine(
    `order: ${order.strategy}${told} on ${order.replicas.join(', ') || '-'}, attempt ${order.attempt}; ${order.reason}`,
  );
}

function gatesTable(gates: ExplanationBody['gates'], terminal: Terminal): string {
  const rows = gates.map(({ code, objection, until }) => [
    code,
    objection === undefined ? painted(terminal, 'good', 'passes') : painted(terminal, 'bad', 'objects'),
    objection ?? '',
    until === undefined ? '' : when(until, terminal.now()),
  ]);
  return table(['GATE', 'ANSWER', 'BECAUSE', 'UNTIL'], rows);
}

function decisionInWords({ decision, gates, order }: ExplanationBody): string {
  if (decision === 'go') return `decision: go, ${order?.strategy}`;
  const first = gates.find(({ objection }) => objection !== undefined);
  return `decision: stand back${first ? ` (${first.code})` : ''}`;
}

/** Nothing where the service is not to be scaled. */
function sizeInWords(explanation: ExplanationBody): readonly string[] {
  const { scaling } = explanation;
  if (scaling === undefined) return [];
  const obstacles = whyNotScaled(explanation);
  if (obstacles.length > 0) return obstacles.map(why => plainLine(`not scaled: ${why}`));
  return [plainLine(`size: ${scaling.because ?? 'its load was not read yet'}`)];
}
