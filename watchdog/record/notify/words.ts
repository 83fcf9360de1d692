import type { Approval } from '../../domain/approval.ts';
import type { Condition } from '../../domain/condition.ts';
import type { GateCode } from '../../domain/decision.ts';
import type { Incident } from '../../domain/incident.ts';
import { mask } from '../../domain/mask.ts';
import type { News } from '../../domain/news.ts';
import type { RepairRecord } from '../../domain/records.ts';
import type { Outcome } from '../../domain/repair.ts';
import { nameOf } from '../../domain/service.ts';
import { inWords } from '../../domain/time.ts';
import { oneLine, quoted, withoutControls } from '../one-line.ts';
import type { Telling } from './thread.ts';

type NewsOf<Type extends News['type']> = Extract<News, { type: Type }>;

const LONGEST_OUTPUT = 1_000;
const ATTEMPTS_SHOWN = 5;

/** An incident people hear of for the first time, with what is being tried or why nothing is yet. */
export function opened({ at, incident, decision }: NewsOf<'decided'> & { readonly incident: Incident }): Telling {
  const trying = decision.verdict === 'go' ? decision.order : undefined;
  return {
    stage: 'opened',
    at,
    headline: `${broken(incident)}; ${trying === undefined ? 'nothing is tried yet' : `trying: ${trying.strategy}`}`,
    because: oneLine(incident.because),
    healthOutput: undefined,
    done:
      trying === undefined
        ? [oneLine(`nothing yet: ${decision.verdict === 'stand-back' ? decision.objection.because : incident.because}`)]
        : [`${trying.strategy} is under way, attempt ${trying.attempt}`],
    todo:
      codeOf(decision) === 'observe-only'
        ? ['The watchdog only observes here and will not touch it.', ...commandsFor(incident)]
        : ['Nothing now. You hear again when it is over, or when it needs you.'],
  };
}

/** The watchdog is at its end: what it tried, and what a person can do. */
export function escalated(news: NewsOf<'incident-escalated'>, repairs: readonly RepairRecord[]): Telling {
  const { at, incident, because, approval } = news;
  const standing = approval === undefined ? `standing back: ${because}` : `waiting for a yes to ${approval.what}`;
  return {
    stage: 'escalated',
    at,
    headline: `${broken(incident)} and needs you`,
    because: oneLine(incident.because),
    healthOutput: healthOutputOf(incident),
    done: [...(repairs.length === 0 ? ['nothing was tried'] : attempts(repairs)), oneLine(standing)],
    todo: [...(approval === undefined ? [] : answersTo(approval)), ...commandsFor(incident)],
  };
}

/** It is over. */
export function resolved(news: NewsOf<'incident-resolved'>, repairs: readonly RepairRecord[]): Telling {
  const { at, incident, because, recoveredAfter } = news;
  const whole = overInWords(incident);
  return {
    stage: 'resolved',
    at,
    headline: oneLine(`${whole} after ${inWords(recoveredAfter)}`),
    because: oneLine(because),
    healthOutput: undefined,
    done: repairs.length === 0 ? ['no repair of ours'] : attempts(repairs),
    todo: [],
  };
}

function overInWords(incident: Incident): string {
  if (incident.condition === 'engine-lost') return 'the Docker engine answers again';
  return incident.kind === 'attacked' ? `${nameOf(incident)} was looked at` : `${nameOf(incident)} is well`;
}

/** Codes of decisions upon which nobody is told: it is none of ours, wanted, not certain yet, or another one's incident. */
const SILENT: ReadonlySet<string> = new Set<GateCode>([
  'ourselves',
  'out-of-scope',
  'opt-out',
  'paused',
  'operator-stop',
  'sizing',
  'in-flight',
  'dependency',
]);

/** Nothing is broken: a person, or a Compose file, wants a restart, or the load another size. Such an incident is news only when it escalates. */
const WISHES: ReadonlySet<Condition> = new Set<Condition>(['asked', 'dependency-restarted', 'mis-sized']);

/** Whether a decision is the moment at which people hear of its incident. What is escalated at once opens no thread before. */
export function isOpening(news: NewsOf<'decided'>): news is NewsOf<'decided'> & { readonly incident: Incident } {
  const { incident, incidentId, decision } = news;
  if (incident === undefined || incidentId === undefined || WISHES.has(incident.condition)) return false;
  if (decision.verdict === 'go') return true;
  return decision.verdict === 'stand-back' && !decision.objection.tell && !SILENT.has(decision.objection.code);
}

const codeOf = (decision: NewsOf<'decided'>['decision']): string =>
  decision.verdict === 'stand-back' ? decision.objection.code : decision.verdict;

const IN_WORDS: Readonly<Partial<Record<Condition, string>>> = {
  unhealthy: 'is unhealthy',
  exited: 'has stopped',
  restarting: 'keeps restarting',
  dead: 'is dead',
  'never-started': 'was never started',
  'orphaned-network': 'has lost its network',
  'dependency-restarted': 'was to be restarted after its dependency',
  'probe-broken': 'has a health check that cannot be believed',
  attacked: 'seems to be attacked',
  'mis-sized': 'does not have the replicas that its load asks for',
  asked: 'was to be repaired on request',
};

function broken(incident: Incident): string {
  if (incident.condition === 'engine-lost') return 'The Docker engine does not answer';
  return oneLine(`${nameOf(incident)} ${IN_WORDS[incident.condition] ?? `is in trouble (${incident.condition})`}`);
}

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  healed: 'healed it',
  'not-healed': 'did not help',
  failed: 'could not be done',
  interrupted: 'was interrupted',
};

function attempts(repairs: readonly RepairRecord[]): string[] {
  const shown = repairs.toSorted((a, b) => a.startedAt - b.startedAt).slice(-ATTEMPTS_SHOWN);
  const left = repairs.length - shown.length;
  return [
    ...(left > 0 ? [`${left} earlier attempts`] : []),
    ...shown.map(({ startedAt, order, outcome, because }) => {
      const how = outcome === undefined ? 'is under way' : OUTCOMES[outcome];
      return oneLine(
        `${new Date(startedAt).toISOString().slice(11, 19)}Z ${order.strategy} ${how}${because && `: ${because}`}`,
      );
    }),
  ];
}

/** What exactly is asked stands above; the number makes sure that the answer is to that and nothing else. */
function answersTo({ id, incidentId, expiresAt }: Approval): string[] {
  const until = new Date(expiresAt).toISOString();
  return [
    `Say yes or no until ${until}. A yes is for exactly this, once:`,
    `watchdog approve ${incidentId} --order ${id}`,
    `watchdog refuse ${incidentId} --order ${id}`,
    'To look first:',
  ];
}

function commandsFor(incident: Incident): string[] {
  if (incident.condition === 'engine-lost')
    return ['On the host:', 'systemctl status docker', 'journalctl -u docker -n 100', 'docker info'];
  const patients = incident.patients.slice(0, 3).map(({ name }) => quoted(name));
  const service = `${quoted(incident.service)} --project ${quoted(incident.project)}`;
  // Whoever is told to resume has it restarted in their thoughts already.
  if (incident.kind === 'attacked')
    return [
      ...patients.map(name => `docker logs --tail 100 ${name}`),
      `watchdog errors list --severity critical --service ${service}`,
      'What to keep, and how to cut it off: docs/runbooks/UnderAttack.md. When somebody has looked, with the id of the error:',
      'watchdog errors resolve ID',
    ].map(line => oneLine(line));
  const look =
    incident.condition === 'probe-broken'
      ? "docker inspect --format '{{json .Config.Healthcheck}}'"
      : "docker inspect --format '{{json .State}}'";
  return [
    ...patients.flatMap(name => [`docker logs --tail 100 ${name}`, `${look} ${name}`]),
    `watchdog explain ${service}`,
    'When it is mended, or to let the watchdog try once more:',
    `watchdog resume ${service}`,
  ].map(command => oneLine(command));
}

function healthOutputOf({ evidence }: Incident): string | undefined {
  const output = evidence.probeOutput;
  if (typeof output !== 'string' || output.trim() === '') return undefined;
  // Masked whole and before it is cut, or half a secret would not be recognised.
  return mask(output).split('\n').map(withoutControls).join('\n').trim().slice(-LONGEST_OUTPUT);
}
