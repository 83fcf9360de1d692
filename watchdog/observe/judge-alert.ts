import type { Alert, AlertRepair } from '../domain/alert.ts';
import { type AlertRefusal, labelOf, type ReceivedAlert } from '../domain/received-alert.ts';
import type { Directory } from './directory.ts';
import { findService } from './find-service.ts';

/** What this watchdog can be asked for. */
export interface Abilities {
  readonly strategies: readonly string[];
  readonly playbooks: readonly string[];
}

export type JudgedAlert = { readonly alert: Alert } | { readonly refusal: AlertRefusal; readonly because: string };

/** What the alert is about and what it wants; a refusal where either is unclear, for nothing is guessed. Pure. */
export function judgeAlert(received: ReceivedAlert, directory: Directory, abilities: Abilities): JudgedAlert {
  const wants = repairOf(received, abilities);
  if ('refusal' in wants) return wants;
  const found = findService(received, directory);
  if ('refusal' in found) return found;
  const { fingerprint, status, startsAt, summary } = received;
  return {
    alert: {
      fingerprint,
      name: alertName(received),
      status,
      startsAt,
      target: found.target,
      wants,
      condition: labelOf(received, 'condition')?.slice(0, 100),
      summary,
      severity: labelOf(received, 'severity')?.slice(0, 100),
      foundBy: found.by,
    },
  };
}

export const alertName = (received: ReceivedAlert): string =>
  (labelOf(received, 'alertname') ?? 'an alert without a name').slice(0, 200);

const PLAYBOOK = 'playbook:';

function repairOf(
  received: ReceivedAlert,
  { strategies, playbooks }: Abilities,
): AlertRepair | Extract<JudgedAlert, { readonly refusal: unknown }> {
  const word = labelOf(received, 'repair');
  if (word === 'none') return { kind: 'none' };
  if (word !== undefined && strategies.includes(word)) return { kind: 'strategy', name: word };
  const playbook = word?.startsWith(PLAYBOOK) ? word.slice(PLAYBOOK.length) : undefined;
  if (playbook !== undefined && playbooks.includes(playbook)) return { kind: 'playbook', name: playbook };
  const found = word === undefined ? 'is missing' : `is ${JSON.stringify(word.slice(0, 80))}`;
  const known =
    playbook === undefined
      ? `${strategies.toSorted().join(', ')}, ${PLAYBOOK}NAME or none`
      : `a playbook that was loaded: ${playbooks.toSorted().join(', ')}`;
  return { refusal: 'unknown-repair', because: `the label repair ${found}; expected ${known}` };
}
