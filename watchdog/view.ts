import type { Clock } from './adapters/clock.ts';
import type { Docker } from './adapters/docker/docker.ts';
import type { Watchdog } from './assemble.ts';
import { policyInWords } from './config/describe.ts';
import { policyFor } from './config/policy-for.ts';
import { scalingIfAsked } from './config/scaling-for.ts';
import type { Settings } from './config/settings.ts';
import type { AlertBook } from './domain/alert.ts';
import { INCIDENT_KINDS, keyOf } from './domain/incident.ts';
import type { IncidentRecord } from './domain/records.ts';
import type { ServiceRef } from './domain/service.ts';
import { seconds } from './domain/time.ts';
import type { LogSources } from './log-sources.ts';
import { explainAlerts } from './receive.ts';
import type { Ledger } from './record/ledger/ledger.ts';
import { createView } from './serve/create-view.ts';
import type { NewsFeed } from './serve/news-feed.ts';
import type { WatchdogView } from './serve/watchdog-view.ts';

/** How long a person's question waits for its decision before it is told that a repair is still under way. */
const ANSWER_WITHIN = seconds(5);

export interface ViewSources {
  readonly settings: { readonly current: Settings };
  readonly ledger: Ledger;
  readonly logs: Pick<LogSources, 'ledger'>;
  readonly feed: NewsFeed;
  readonly book: Pick<AlertBook, 'firing'>;
  readonly read: Pick<Docker, 'inspect'>;
  readonly clock: Clock;
}

/** The watchdog as people see it. Before the engine has answered for the first time there is none to look at. */
export function viewOn(
  { ledger, settings, logs, feed, book, read, clock }: ViewSources,
  watchdog: () => Watchdog | undefined,
): WatchdogView {
  const running = () => {
    const found = watchdog();
    if (found === undefined) throw new Error('the watchdog has not reached the engine yet');
    return found;
  };
  return createView({
    stack: () => watchdog()?.stack ?? { services: () => [] },
    judge: ref => running().pipeline.judge(ref),
    explain: ref => running().pipeline.explain(ref),
    explainAlerts: alerts => explainAlerts(alerts, running(), book, read),
    policyOf: service => {
      const inForce = policyFor(settings.current, service, service.replicas[0]?.labels ?? {});
      const values = policyInWords(inForce).map(({ name, value, origin }) => [name, { value, origin }] as const);
      return { values: Object.fromEntries(values), problems: inForce.policy.problems };
    },
    scalingOf: service => {
      const asked = scalingIfAsked(settings.current, service, service.replicas[0]?.labels ?? {});
      if (asked === undefined || (asked.scaling === undefined && asked.problems.length === 0)) return undefined;
      return { now: watchdog()?.sizes.now(service, clock.now()), problems: asked.problems };
    },
    openIncident: ref => worstOpen(ref, ledger),
    pauseOf: (ref, now) => watchdog()?.pauseOf(ref, now),
    pause: ledger.pause,
    resume: ledger.resume,
    answer: (id, said) => running().answer(id, said),
    resolve: (id, because) => running().resolve(id, because),
    resolveError: id => {
      const found = watchdog();
      return found === undefined ? logs.ledger.resolveError(id, clock.now()) : found.resolveError(id);
    },
    // Who has not looked yet will.
    lookAgain: target => watchdog()?.lookAgain(target),
    ask: (ref, wish) => running().ask(ref, wish, ANSWER_WITHIN),
    ready: () => {
      const ready = watchdog()?.watch.ready ?? false;
      return {
        ok: ready,
        because: ready ? 'every service was looked at' : 'the first look at everything is not done yet',
      };
    },
    subscribe: listener => feed.subscribe(listener),
    watchLog: (name, listener) =>
      watchdog()?.logs.watchLog(name, listener) ?? { verdict: 'unread', because: NOT_WATCHING },
    troubles: () => healthOf(ledger, watchdog()),
    clock,
  });
}

const NOT_WATCHING = 'nothing is watched yet: the engine has not answered, or own strategies are still being loaded';

/** By what is checked, what is wrong with the watchdog itself; undefined where all is well. */
export const healthOf = (ledger: Pick<Ledger, 'trouble'>, watchdog: Pick<Watchdog, 'watch'> | undefined) => ({
  engine: watchdog === undefined ? NOT_WATCHING : watchdog.watch.trouble(),
  events: watchdog?.watch.deafness(),
  ledger: ledger.trouble(),
});

/** A service may be in trouble of several kinds at once. */
function worstOpen(ref: ServiceRef, ledger: Pick<Ledger, 'openIncidentOf' | 'incident'>): IncidentRecord | undefined {
  for (const kind of INCIDENT_KINDS) {
    const open = ledger.openIncidentOf(keyOf({ ...ref, kind }));
    if (open !== undefined) return ledger.incident(open.id);
  }
  return undefined;
}
