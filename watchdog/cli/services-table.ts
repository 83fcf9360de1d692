import type { ServiceBody } from '../serve/shapes.ts';
import { isStuck } from './scale.ts';
import { type Painted, painted, table, when } from './tell.ts';
import type { Terminal } from './terminal.ts';

/** One line a service: what it is, whether it is well, and what comes next. */
export function servicesTable(services: readonly ServiceBody[], terminal: Terminal): string {
  const rows = services.map(service => [
    `${service.project}/${service.service}`,
    standing(service, terminal),
    String(service.replicas.length),
    incidentOf(service, terminal),
    nextOf(service, terminal),
  ]);
  return table(['SERVICE', 'STATE', 'REPLICAS', 'INCIDENT', 'NEXT'], rows);
}

/** Something a person should look at. */
export const inTrouble = (service: ServiceBody): boolean =>
  service.openIncident !== undefined || service.problems.length > 0 || isStuck(service);

function standing({ state, health }: ServiceBody, terminal: Terminal): Painted {
  const words = `${state ?? 'no container'}${health === 'none' ? '' : `, ${health}`}`;
  if (state === 'dead' || state === 'restarting' || health === 'unhealthy') return painted(terminal, 'bad', words);
  return painted(terminal, state === 'running' && health !== 'starting' ? 'good' : 'between', words);
}

function incidentOf({ openIncident }: ServiceBody, terminal: Terminal): string | Painted {
  if (!openIncident) return '-';
  const words = `${openIncident.condition}, ${openIncident.state} since ${when(openIncident.openedAt, terminal.now())}`;
  return painted(terminal, openIncident.state === 'escalated' ? 'bad' : 'between', words);
}

function nextOf({ pause, nextAction }: ServiceBody, { now }: Terminal): string {
  const until = (at: string | undefined) => (at === undefined ? '' : ` until ${when(at, now())}`);
  if (pause) return `paused${until(pause.until)}: ${pause.reason}`;
  if (!nextAction) return '-';
  if (nextAction.verdict === 'go') return `${nextAction.strategy ?? 'repair'}: ${nextAction.because}`;
  return `stands back (${nextAction.code})${until(nextAction.until)}: ${nextAction.because}`;
}
