import type { Recommendation } from '../../domain/report.ts';
import { nameOf, type ServiceRef } from '../../domain/service.ts';
import { type Duration, inWords } from '../../domain/time.ts';
import { oneLine, quoted } from '../one-line.ts';
import { type IncidentSum, type RepairSum, type ServiceFacts, sum } from './facts.ts';

/** All that the rules may know. */
export interface Known {
  readonly services: readonly ServiceFacts[];
  /** Services that run without a health check. */
  readonly unchecked: readonly ServiceRef[];
  /** Of the span. */
  readonly length: Duration;
}

/** What a rule has to say of one service. */
interface Advice {
  /** How often it happened: the most frequent comes first. */
  readonly times: number;
  readonly text: string;
}

/** Looks at one service for one cause of trouble. */
interface Rule {
  readonly rule: string;
  advice(service: ServiceFacts, span: string): Advice | undefined;
}

const MANY_REPAIRS = 3;
const MANY_RELAPSES = 3;
/** One unlucky try says nothing about a strategy. */
const FEW_TRIES = 2;
/** Of each rule; a fault that all services share is seen in three of them. */
const SHOWN_OF_EACH = 3;
const SHOWN = 10;
const LONGEST_OUTPUT = 160;

const attemptsUsedUp: Rule = {
  rule: 'attempts-used-up',
  advice: (service, span) => {
    const times = refusals(service, 'attempt-cap');
    if (times === 0) return undefined;
    const name = commandName(service);
    return {
      times,
      text:
        `${named(service)} used up its attempts ${inTimes(times)} in ${span} (${triesInWords(service.repairs)}): doing it ` +
        `again is no cure. See \`watchdog explain ${name}\`; once it is mended, \`watchdog resume ${name}\`.`,
    };
  },
};

const outOfMemory: Rule = {
  rule: 'out-of-memory',
  advice: (service, span) => {
    const times = sum(service.incidents, row => row.outOfMemory);
    if (times === 0) return undefined;
    return {
      times,
      text:
        `${named(service)} was killed ${inTimes(times)} in ${span} because it had used up its memory: raise its limit ` +
        '(`mem_limit`, or `deploy.resources.limits.memory`), or find out what it keeps.',
    };
  },
};

const probeBroken: Rule = {
  rule: 'probe-broken',
  advice: (service, span) => {
    const row = newestOf(service, 'probe-broken');
    if (row === undefined || row.opened + row.open === 0) return undefined;
    return {
      times: row.opened,
      text:
        `The health check of ${named(service)} cannot be believed, found ${inTimes(Math.max(1, row.opened))} in ${span}, and nothing ` +
        `is repaired upon it: mend its \`healthcheck.test\`, or roll back the release.${lastWordsOf(row)}`,
    };
  },
};

const neverHelps: Rule = {
  rule: 'never-helps',
  advice: (service, span) => {
    const tried = triesOf(service).find(({ ended, healed }) => ended >= FEW_TRIES && healed === 0);
    if (tried === undefined) return undefined;
    const { condition, strategy, ended } = tried;
    return {
      times: ended,
      text:
        `${strategy} did not help ${named(service)} once in ${span} (${ended} tries while it was ${condition}): mend the cause, or choose ` +
        `another playbook with the label auto_repair.playbook.${condition}.${lastWordsOf(newestOf(service, condition))}`,
    };
  },
};

const repairedOften: Rule = {
  rule: 'repaired-often',
  advice: (service, span) => {
    const often = oftenHealed(service);
    if (often === undefined) return undefined;
    const { condition, strategy, healed } = often;
    const row = newestOf(service, condition);
    const look =
      condition === 'unhealthy'
        ? 'look at the output of its health check.'
        : `look at its last lines: \`docker logs --tail 100 ${withoutTicks(quoted(row?.container ?? service.service))}\`.`;
    return {
      times: healed,
      text:
        `${named(service)} was repaired ${inTimes(healed)} by ${strategy} for ${condition} in ${span}: the cause is not gone; ` +
        `${look}${lastWordsOf(row)}`,
    };
  },
};

const flapping: Rule = {
  rule: 'flapping',
  advice: (service, span) => {
    const times = sum(service.relapses, row => row.relapses);
    if (times < MANY_RELAPSES || oftenHealed(service) !== undefined) return undefined;
    return {
      times,
      text:
        `${named(service)} fell ill again ${inTimes(times)} within an hour of being well in ${span}: if its health check fails for ` +
        'moments only, give it more `retries`; if not, see `watchdog history --service ' +
        `${commandName(service)}\`.`,
    };
  },
};

const onlyObserved: Rule = {
  rule: 'only-observed',
  advice: (service, span) => {
    const times = refusals(service, 'observe-only');
    if (times === 0) return undefined;
    return {
      times,
      text:
        `${named(service)} would have been repaired, but is only observed (${inTimes(times)} in ${span}): to have it repaired, set its ` +
        'mode to `repair` (auto_repair.mode, or WATCHDOG_MODE for all).',
    };
  },
};

/** Most urgent first. A new one is one rule and one line here. */
const RULES: readonly Rule[] = [
  attemptsUsedUp,
  outOfMemory,
  probeBroken,
  neverHelps,
  repairedOften,
  flapping,
  onlyObserved,
];

/** Of all rules, in the order in which they speak. */
export const RULE_NAMES: readonly string[] = ['storm', ...RULES.map(({ rule }) => rule), 'no-health-check'];

/** What to do, each with what it is concluded from. Pure; at most ten. */
export function recommendationsFrom({ services, unchecked, length }: Known): readonly Recommendation[] {
  const span = spanInWords(length);
  const ofServices = RULES.flatMap(rule => {
    const advised = services.flatMap(service => {
      const advice = rule.advice(service, span);
      return advice === undefined ? [] : [{ service, advice }];
    });
    advised.sort((a, b) => b.advice.times - a.advice.times || named(a.service).localeCompare(named(b.service)));
    return advised.slice(0, SHOWN_OF_EACH).map(({ service, advice }) => saidBy(rule.rule, [service], advice.text));
  });
  return [...storm(services, span), ...ofServices, ...noHealthCheck(unchecked)].slice(0, SHOWN);
}

function storm(services: readonly ServiceFacts[], span: string): readonly Recommendation[] {
  const struck = services.filter(service => refusals(service, 'storm') > 0);
  if (struck.length === 0) return [];
  const text =
    `The budget of repairs for the whole host was used up in ${span}, and ${counted(struck.length, 'service')} had to wait: the host ` +
    'itself was in trouble (its disk, its memory, its network), or WATCHDOG_STORM_LIMIT is too low for so many services.';
  return [saidBy('storm', struck.slice(0, SHOWN_OF_EACH), text)];
}

function noHealthCheck(unchecked: readonly ServiceRef[]): readonly Recommendation[] {
  if (unchecked.length === 0) return [];
  const few = unchecked.slice(0, SHOWN_OF_EACH);
  const more = unchecked.length - few.length;
  const names = `${few.map(named).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  const text =
    `${names} ${unchecked.length === 1 ? 'has' : 'have'} no health check: trouble is seen only when the container ends. Give it a ` +
    '`healthcheck` in the Compose file.';
  return [saidBy('no-health-check', few, text)];
}

const saidBy = (rule: string, services: readonly ServiceRef[], text: string): Recommendation => ({
  rule,
  services: services.map(({ project, service }) => ({ project, service })),
  text: oneLine(text),
});

/** What was tried for a condition, and how it ended. */
interface Tries {
  readonly condition: RepairSum['condition'];
  readonly strategy: string;
  readonly ended: number;
  readonly healed: number;
}

/** What a person asked for was not chosen by us, and says nothing about a playbook. */
function triesOf({ repairs }: ServiceFacts): readonly Tries[] {
  const own = repairs.filter(
    ({ condition, outcome, direction }) => condition !== 'asked' && direction === null && outcome !== null,
  );
  const tries = [...Map.groupBy(own, ({ condition, strategy }) => `${condition} ${strategy}`).values()].map(rows => {
    const [first] = rows as [RepairSum, ...RepairSum[]];
    const healed = sum(rows, row => (row.outcome === 'healed' ? row.count : 0));
    return { condition: first.condition, strategy: first.strategy, ended: sum(rows, row => row.count), healed };
  });
  return tries.sort((a, b) => b.ended - a.ended || a.strategy.localeCompare(b.strategy));
}

const oftenHealed = (service: ServiceFacts): Tries | undefined =>
  triesOf(service).find(({ healed }) => healed >= MANY_REPAIRS);

const newestOf = ({ incidents }: ServiceFacts, condition: string): IncidentSum | undefined =>
  incidents.find(row => row.condition === condition);

const refusals = (service: ServiceFacts, code: string): number =>
  sum(service.refusals, row => (row.code === code ? row.count : 0));

function triesInWords(repairs: readonly RepairSum[]): string {
  const healed = sum(repairs, row => (row.outcome === 'healed' ? row.count : 0));
  return `${counted(
    sum(repairs, row => row.count),
    'repair',
  )}, ${healed} healed it`;
}

/** Also how it ended, where there is no health check to speak. Masked here already: what follows is cut. */
function lastWordsOf(row: IncidentSum | undefined): string {
  const output = withoutTicks(oneLine(row?.lastOutput ?? '', LONGEST_OUTPUT));
  if (output !== '') return ` It said last: ${output}`;
  const exitCode = row?.lastExitCode ?? undefined;
  return exitCode === undefined ? '' : ` It ended last with exit code ${exitCode}.`;
}

const commandName = ({ project, service }: ServiceRef): string =>
  withoutTicks(`${quoted(service)} --project ${quoted(project)}`);

const named = (ref: ServiceRef): string => withoutTicks(nameOf(ref));

/** Only our own words may begin and end a span of code. */
const withoutTicks = (text: string): string => text.replaceAll('`', "'");

/** `once`, `twice`, `7 times`. */
const inTimes = (times: number): string => ['never', 'once', 'twice'][times] ?? `${times} times`;

/** `1 service`, `2 services`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** A day is mostly meant as `24h`. */
export const spanInWords = (length: Duration): string => (inWords(length) === '1d' ? '24h' : inWords(length));
