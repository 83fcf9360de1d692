import type { Clock } from '../adapters/clock.ts';
import type { Explanation, Pause } from '../domain/decision.ts';
import type { ErrorRecord, IncidentRecord } from '../domain/records.ts';
import type { Service, ServiceRef } from '../domain/service.ts';
import type { Stack } from '../domain/stack.ts';
import type { Instant } from '../domain/time.ts';
import { viewOf } from './view-of.ts';
import type { PauseOf, PolicyValue, ScalingView, ServiceView, WatchdogView } from './watchdog-view.ts';

/** What a view is made from; `main.ts` hands it in. */
export interface ViewTools
  extends Pick<WatchdogView, 'explain' | 'explainAlerts' | 'ask' | 'answer' | 'ready' | 'subscribe' | 'watchLog'> {
  readonly stack: () => Pick<Stack, 'services'>;
  /** What would be decided on what is known already. */
  readonly judge: (ref: ServiceRef) => Explanation;
  readonly policyOf: (service: Service) => {
    readonly values: Readonly<Record<string, PolicyValue>>;
    readonly problems: readonly string[];
  };
  readonly scalingOf: (service: Service) => ScalingView | undefined;
  readonly openIncident: (ref: ServiceRef) => IncidentRecord | undefined;
  readonly pauseOf: (ref: ServiceRef, now: Instant) => Pause | undefined;
  readonly pause: (target: PauseOf, until: Instant | undefined, reason: string, now: Instant) => void;
  readonly resume: (target: PauseOf, now: Instant) => boolean;
  readonly resolve: (incidentId: string, because: string) => void;
  readonly resolveError: (id: string) => ErrorRecord | undefined;
  /** A person changed what is allowed, or asked: look at the service again. */
  readonly lookAgain: (target: PauseOf) => void;
  /** Undefined where all is well, by what was checked. */
  readonly troubles: () => Readonly<Record<string, string | undefined>>;
  readonly clock: Pick<Clock, 'now'>;
}

/** The watchdog as HTTP and the command line see it. */
export function createView(tools: ViewTools): WatchdogView {
  const { clock, lookAgain } = tools;
  return {
    services: () => [...tools.stack().services()].map(service => serviceView(service, tools)).sort(byName),
    explain: tools.explain,
    explainAlerts: tools.explainAlerts,
    ask: tools.ask,
    answer: tools.answer,
    ready: tools.ready,
    subscribe: tools.subscribe,
    watchLog: tools.watchLog,
    resolve: tools.resolve,
    pause: (target, until, reason) => tools.pause(target, until, reason, clock.now()),
    resume: target => {
      const wasHeld = tools.resume(target, clock.now());
      lookAgain(target);
      return wasHeld;
    },
    resolveError: id => {
      const resolved = tools.resolveError(id);
      if (resolved !== undefined) lookAgain(resolved);
      return resolved;
    },
    healthy: () => {
      const troubles = Object.entries(tools.troubles());
      const first = troubles.find(([, trouble]) => trouble !== undefined);
      return {
        ok: first === undefined,
        because: first?.[1] ?? 'rounds finish on time, the engine answers, the ledger can be written',
        checks: Object.fromEntries(troubles.map(([name, trouble]) => [name, trouble ?? 'ok'])),
      };
    },
  };
}

function serviceView(service: Service, tools: ViewTools): ServiceView {
  const { values, problems } = tools.policyOf(service);
  return viewOf(service, {
    policy: values,
    problems,
    open: tools.openIncident(service),
    scaling: tools.scalingOf(service),
    pause: tools.pauseOf(service, tools.clock.now()),
    explanation: tools.judge(service),
  });
}

const byName = (a: ServiceView, b: ServiceView): number =>
  a.project.localeCompare(b.project) || a.service.localeCompare(b.service);
