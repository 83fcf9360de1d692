import { ALL_CONDITIONS, type Condition, isCondition } from '../domain/condition.ts';
import type { Playbook } from '../domain/playbook.ts';
import type { Policy } from '../domain/policy.ts';
import { nameOf, type ServiceRef } from '../domain/service.ts';
import { name as nameKind, yesNo } from './kinds.ts';
import { type FlatPolicy, foldPolicy, POLICY_FIELDS, POLICY_KEYS, type PolicyField, setField } from './policy-keys.ts';
import { formatProblem, quote, unknownWord } from './problem.ts';
import type { Problem, Settings } from './settings.ts';

/** A policy and where each of its values came from, by the policy's own names: `cooldown`, `backoff.initial`. */
export interface PolicyInForce {
  readonly policy: Policy;
  readonly origins: Readonly<Record<string, string>>;
}

/** More sentences than this help nobody, and labels are other people's input. */
const MOST_PROBLEMS = 10;

const OURS = 'auto_repair';
const PLAYBOOK = `${OURS}.playbook.`;
const FOREIGN_SWITCHES = ['autoheal', 'deunhealth.restart.on.unhealthy'] as const;

const FIELD_BY_LABEL: ReadonlyMap<string, PolicyField> = new Map(
  POLICY_FIELDS.flatMap(field => {
    const { label } = POLICY_KEYS[field];
    return label === undefined ? [] : [[label, field] as const];
  }),
);
const KNOWN_LABELS = [...FIELD_BY_LABEL.keys(), ...ALL_CONDITIONS.map(condition => PLAYBOOK + condition)];

/**
 * What is allowed for one service: the settings' policy, then `services.<name>`, then `services.<project>/<name>`, then
 * its labels. A label that cannot be read changes nothing and becomes a sentence in `policy.problems`.
 *
 * @param playbooks when given, a label that names a playbook which is not among them is a problem too
 */
export function policyFor(
  settings: Settings,
  ref: ServiceRef,
  labels: Readonly<Record<string, string>>,
  playbooks?: ReadonlyMap<string, Playbook>,
): PolicyInForce {
  const fromFile = withServiceSection(settings, ref);
  const found = readLabels(labels, ref, playbooks);
  const policy = foldPolicy(fromFile.policy, found.flat);
  const origins = { ...fromFile.origins, ...found.origins };
  // Whoever starts the watchdog with WATCHDOG_MODE=observe was promised that it touches nothing; no section and no label
  // may break that. `policy.mode: observe` in the file is a default like any other.
  const globalMode = settings.origins['policy.mode'] ?? 'default';
  const touchNothing = settings.policy.mode === 'observe' && globalMode.startsWith('env ');
  if (touchNothing) origins.mode = globalMode;
  return {
    policy: {
      ...policy,
      mode: touchNothing ? 'observe' : policy.mode,
      playbooks: { ...policy.playbooks, ...found.chosen },
      problems: [...policy.problems, ...found.problems.slice(0, MOST_PROBLEMS).map(formatProblem)],
    },
    origins,
  };
}

/** The settings' policy with the file's sections for this service laid over it. */
function withServiceSection(settings: Settings, ref: ServiceRef): { policy: Policy; origins: Record<string, string> } {
  let policy = settings.policy;
  const origins: Record<string, string> = {};
  for (const field of POLICY_FIELDS)
    origins[field] = settings.origins[`policy.${POLICY_KEYS[field].file}`] ?? 'default';
  for (const condition of Object.keys(policy.playbooks)) {
    origins[`playbooks.${condition}`] = settings.origins[`playbooks.use.${condition}`] ?? 'default';
  }
  for (const section of [ref.service, nameOf(ref)]) {
    if (!Object.hasOwn(settings.services, section)) continue;
    const own = settings.services[section] ?? {};
    policy = { ...policy, ...own, playbooks: { ...policy.playbooks, ...own.playbooks } };
    for (const field of POLICY_FIELDS) {
      const origin = settings.origins[`services.${section}.${POLICY_KEYS[field].file}`];
      if (origin !== undefined) origins[field] = origin;
    }
    for (const condition of Object.keys(own.playbooks ?? {})) {
      origins[`playbooks.${condition}`] = settings.origins[`services.${section}.playbook.${condition}`] ?? 'default';
    }
  }
  return { policy, origins };
}

interface LabelReading {
  readonly flat: Partial<FlatPolicy>;
  readonly chosen: Partial<Record<Condition, string>>;
  readonly origins: Record<string, string>;
  readonly problems: Problem[];
}

function readLabels(
  labels: Readonly<Record<string, string>>,
  ref: ServiceRef,
  playbooks: ReadonlyMap<string, Playbook> | undefined,
): LabelReading {
  const reading: LabelReading = { flat: {}, chosen: {}, origins: {}, problems: [] };
  readForeignLabels(labels, ref, reading);
  for (const [label, value] of Object.entries(labels)) {
    const field = FIELD_BY_LABEL.get(label);
    if (field !== undefined) setFromLabel(reading, field, label, value, ref);
    else if (label.startsWith(PLAYBOOK)) choose(reading, label, value, ref, playbooks);
    else if (isMeantForUs(label)) reading.problems.push(unknownWord(placeOf(label, ref), 'label', label, KNOWN_LABELS));
  }
  return reading;
}

/** `auto_repair.*`, and what was plainly meant so: `auto-repair=false` must not be overlooked. */
function isMeantForUs(label: string): boolean {
  const [first = ''] = label.slice(0, 20).split('.', 1);
  return first.toLowerCase().replaceAll(/[-_]/g, '') === 'autorepair';
}

function setFromLabel(reading: LabelReading, field: PolicyField, label: string, value: string, ref: ServiceRef): void {
  const { kind } = POLICY_KEYS[field];
  const given = value.trim();
  if (given === '') return;
  if (setField(reading.flat, field, kind, given)) reading.origins[field] = `label ${label}`;
  else reading.problems.push(malformed(label, given, kind.expected, ref));
}

/** The labels of healers people come from. One `false` is enough; our own label, read afterwards, has the last word. */
function readForeignLabels(labels: Readonly<Record<string, string>>, ref: ServiceRef, reading: LabelReading): void {
  for (const label of FOREIGN_SWITCHES) {
    const given = Object.hasOwn(labels, label) ? labels[label]?.trim() : undefined;
    if (!given) continue;
    const on = yesNo.read(given);
    if (on === undefined) reading.problems.push(malformed(label, given, yesNo.expected, ref));
    else if (reading.flat.enabled !== false) {
      reading.flat.enabled = on;
      reading.origins.enabled = `label ${label}`;
    }
  }
}

/** `auto_repair.playbook.<condition>=<playbook>`. */
function choose(
  reading: LabelReading,
  label: string,
  value: string,
  ref: ServiceRef,
  playbooks: ReadonlyMap<string, Playbook> | undefined,
): void {
  const condition = label.slice(PLAYBOOK.length);
  const given = value.trim();
  const place = placeOf(label, ref);
  if (!isCondition(condition)) {
    reading.problems.push(unknownWord(place, 'condition', condition, ALL_CONDITIONS));
  } else if (nameKind.read(given) === undefined) {
    reading.problems.push(malformed(label, given, nameKind.expected, ref));
  } else if (playbooks !== undefined && playbooks.get(given)?.condition !== condition) {
    const fitting = [...playbooks.values()].filter(playbook => playbook.condition === condition);
    reading.problems.push(
      unknownWord(
        place,
        `playbook for ${condition}`,
        given,
        fitting.map(({ name }) => name),
      ),
    );
  } else {
    reading.chosen[condition] = given;
    reading.origins[`playbooks.${condition}`] = `label ${label}`;
  }
}

const placeOf = (label: string, ref: ServiceRef): string => `label ${label.slice(0, 80)} of service ${nameOf(ref)}`;

const malformed = (label: string, given: string, expected: string, ref: ServiceRef): Problem => ({
  place: placeOf(label, ref),
  found: quote(given),
  expected,
  remedy: 'Correct the label and run `docker compose up -d`; until then this service is not repaired.',
});
