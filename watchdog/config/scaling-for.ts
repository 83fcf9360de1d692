import { mask } from '../domain/mask.ts';
import type { Scaling } from '../domain/scaling.ts';
import { nameOf, type ServiceRef } from '../domain/service.ts';
import { formatProblem, quote, unknownWord } from './problem.ts';
import { mayBeNamedByLabel } from './queue-host.ts';
import { type FlatScaling, type Misfit, scalingFrom } from './scaling-from.ts';
import { METRIC_FIELDS, SCALING_FIELDS, SCALING_KEYS, type ScalingField } from './scaling-keys.ts';
import type { Problem, Settings } from './settings.ts';

/** What the size of a service follows, and where each value came from. */
export interface ScalingInForce {
  /** Undefined: its size is left alone, because nobody asked for it or because of the problems. */
  readonly scaling: Scaling | undefined;
  /** By the file's keys, `min_replicas`. */
  readonly origins: Readonly<Record<string, string>>;
  /** A label cannot be read, or what all places say together does not fit: for `status` and `check`. */
  readonly problems: readonly string[];
}

/** More sentences than this help nobody, and labels are other people's input. */
const MOST_PROBLEMS = 10;

/** What one place says, over what weaker ones have said. */
type Said = { -readonly [Key in keyof FlatScaling]?: FlatScaling[Key] };
type Origins = Record<string, string>;

const FIELD_BY_LABEL: ReadonlyMap<string, ScalingField> = new Map(
  SCALING_FIELDS.map(field => [SCALING_KEYS[field].label, field] as const),
);

/**
 * Whether and how a service is scaled: `MIN_REPLICAS` and `MAX_REPLICAS`, then `scaling.<service>` of the file, then
 * `scaling.<project>/<service>`, then its labels. A section, or the label `auto_scale=true`, is what asks for it. A place that
 * names a metric begins anew with all that belongs to metrics. Never throws.
 */
export function scalingFor(
  settings: Settings,
  ref: ServiceRef,
  labels: Readonly<Record<string, string>>,
): ScalingInForce {
  const names = [ref.service, nameOf(ref)].filter(name => Object.hasOwn(settings.scaling, name));
  const { said, origins } = fromSections(settings, names);
  const found = readLabels(labels, ref, settings.queueHosts);
  const flat = laidOver(said, origins, found.said, found.origins);
  const asked = found.said.enabled ?? (names.length > 0 ? (said.enabled ?? true) : undefined);
  const problems = [...found.problems, ...(asked === undefined ? withoutSwitch(found.origins, ref) : [])];
  if (asked !== true || problems.length > 0) return { scaling: undefined, origins, problems: inSentences(problems) };

  const { scaling, misfits } = scalingFrom(flat);
  const section = names.at(-1) ?? ref.service;
  return {
    scaling,
    origins,
    problems: inSentences(misfits.map(misfit => problemFrom(misfit, origins, section, nameOf(ref)))),
  };
}

/** As `scalingFor`; undefined where nobody speaks of it, which is most of them and is found out at once. */
export function scalingIfAsked(
  settings: Settings,
  ref: ServiceRef,
  labels: Readonly<Record<string, string>>,
): ScalingInForce | undefined {
  const named = [ref.service, nameOf(ref)].some(name => Object.hasOwn(settings.scaling, name));
  const labelled = Object.keys(labels).some(label => label.startsWith('auto'));
  return named || labelled ? scalingFor(settings, ref, labels) : undefined;
}

const inSentences = (problems: readonly Problem[]): string[] => problems.slice(0, MOST_PROBLEMS).map(formatProblem);

/** What does not fit together in the file's sections and the environment; labels are asked for each service by itself. */
export function scalingProblems(settings: Settings): readonly Problem[] {
  const forAll = scalingFrom(fromSections(settings, []).said).misfits.map(misfit => ({
    misfit,
    names: [] as string[],
  }));
  const ofSections = Object.keys(settings.scaling).flatMap(name => {
    const bare = name.split('/').at(-1) as string;
    const names = [...new Set([bare, name])].filter(known => Object.hasOwn(settings.scaling, known));
    return scalingFrom(fromSections(settings, names).said).misfits.map(misfit => ({ misfit, names }));
  });
  const all = [...forAll, ...ofSections].map(({ misfit, names }) =>
    problemFrom(misfit, fromSections(settings, names).origins, names.at(-1) ?? '', names.at(-1) ?? ''),
  );
  return all.filter((problem, at) => all.findIndex(other => formatProblem(other) === formatProblem(problem)) === at);
}

function fromSections(settings: Settings, names: readonly string[]): { said: FlatScaling; origins: Origins } {
  const origins: Origins = {
    min_replicas: settings.origins.MIN_REPLICAS ?? 'default',
    max_replicas: settings.origins.MAX_REPLICAS ?? 'default',
  };
  let said: FlatScaling = { ...settings.replicas, minForAll: true, maxForAll: true };
  for (const name of names) {
    const section = settings.scaling[name] ?? {};
    const given: Said = fieldsOf(SCALING_FIELDS, section);
    if (section.metrics !== undefined) given.metrics = section.metrics.map(metric => fieldsOf(METRIC_FIELDS, metric));
    if (section.behaviour !== undefined) given.behaviour = section.behaviour;
    if (section.fallback !== undefined) given.fallback = section.fallback;
    if (section.shared_storage !== undefined) given.sharedStorage = section.shared_storage;
    const prefix = `scaling.${name}.`;
    const own = Object.entries(settings.origins).filter(([path]) => path.startsWith(prefix));
    said = laidOver(said, origins, given, Object.fromEntries(own.map(([path, at]) => [path.slice(prefix.length), at])));
  }
  return { said, origins };
}

/** From the file's keys to ours. */
const fieldsOf = (fields: readonly ScalingField[], section: Readonly<Record<string, unknown>>): Said =>
  Object.fromEntries(
    fields.map(field => [field, section[SCALING_KEYS[field].file]]).filter(([, value]) => value !== undefined),
  );

/** @param origins of what was said before; grows by those of what is laid over it */
function laidOver(said: FlatScaling, origins: Origins, over: Said, from: Readonly<Origins>): FlatScaling {
  const { metrics, metric, up, down, target, perReplica, query, queue, ...others } = said;
  const anew = over.metric !== undefined || over.metrics !== undefined;
  Object.assign(origins, from);
  return {
    ...(anew ? others : said),
    ...over,
    minForAll: said.minForAll && over.min === undefined,
    maxForAll: said.maxForAll && over.max === undefined,
  } as FlatScaling;
}

interface LabelReading {
  readonly said: Said;
  readonly origins: Origins;
  readonly problems: Problem[];
  readonly queueHosts: readonly string[];
}

function readLabels(
  labels: Readonly<Record<string, string>>,
  ref: ServiceRef,
  queueHosts: readonly string[],
): LabelReading {
  const reading: LabelReading = { said: {}, origins: {}, problems: [], queueHosts };
  for (const [label, value] of Object.entries(labels)) {
    const field = FIELD_BY_LABEL.get(label);
    if (field !== undefined) setFromLabel(reading, field, label, value.trim(), ref);
    else if (isMeantForUs(label))
      reading.problems.push(unknownWord(placeOf(label, nameOf(ref)), 'label', label, FIELD_BY_LABEL.keys()));
  }
  return reading;
}

/** `auto_scale.*`, and what was plainly meant so: `auto-scale=false` must not be overlooked. */
function isMeantForUs(label: string): boolean {
  const [first = ''] = label.slice(0, 20).split('.', 1);
  return first.toLowerCase().replaceAll(/[-_]/g, '') === 'autoscale';
}

function setFromLabel(reading: LabelReading, field: ScalingField, label: string, given: string, ref: ServiceRef): void {
  const { kind, file } = SCALING_KEYS[field];
  if (given === '') return;
  const value = kind.read(given);
  reading.origins[file] = `label ${label}`;
  const isOutside = field === 'queue' && value !== undefined && !mayBeNamedByLabel(given, reading.queueHosts);
  if (value !== undefined && !isOutside) Object.assign(reading.said, { [field]: value });
  else
    reading.problems.push({
      place: placeOf(label, nameOf(ref)),
      // The address of a queue may hold a password.
      found: quote(mask(given)),
      expected: isOutside
        ? 'a host by its name on a network of Compose, or one that queues.hosts of the configuration file lists'
        : kind.expected,
      remedy: UNTIL_THEN,
    });
}

const UNTIL_THEN = 'Correct the label and run `docker compose up -d`; until then this service is not scaled.';

/** Labels that say how, and nobody who says whether. */
function withoutSwitch(origins: Readonly<Origins>, ref: ServiceRef): Problem[] {
  const [origin] = Object.values(origins);
  if (origin === undefined || origins.enabled !== undefined) return [];
  return [
    {
      place: `${origin} of service ${nameOf(ref)}`,
      found: 'no label auto_scale beside it',
      expected: 'auto_scale=true, or a section of the configuration file',
      remedy: 'Add auto_scale=true, or remove the label.',
    },
  ];
}

const placeOf = (label: string, service: string): string => `label ${label.slice(0, 80)} of service ${service}`;

function problemFrom(misfit: Misfit, origins: Readonly<Origins>, section: string, service: string): Problem {
  const key = SCALING_KEYS[misfit.field].file;
  const path = misfit.index === undefined ? key : `metrics.${misfit.index}.${key}`;
  const origin = origins[path] ?? origins.metrics ?? 'default';
  const { found, expected, remedy } = misfit;
  if (origin.startsWith('label ')) return { place: placeOf(origin.slice(6), service), found, expected, remedy };
  return {
    place: origin.startsWith('env ') ? origin : `${origin} scaling.${section}.${path}`,
    found,
    expected,
    remedy,
  };
}
