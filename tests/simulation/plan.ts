import type { RestartPolicy } from '../../watchdog/domain/service.ts';
import type { Duration } from '../../watchdog/domain/time.ts';

// A plan is plain data: all that will happen in a simulation, drawn from a seed beforehand. That is why one that fails can be made
// shorter by leaving things out, and be kept as it is.

export interface Plan {
  /** What chance there still is, inside of what happens, comes from it. */
  readonly seed: number;
  /** Each day is trouble for sixteen hours and then eight in which whatever can be healed has to be. */
  readonly days: number;
  readonly env: Readonly<Record<string, string>>;
  readonly services: readonly ServicePlan[];
  readonly alertmanager: Paces;
  /** In the order of their times. */
  readonly happenings: readonly Happening[];
}

/** `group_wait`, `group_interval` and `repeat_interval` of its route. */
export interface Paces {
  readonly wait: Duration;
  readonly interval: Duration;
  readonly repeat: Duration;
}

export interface ServicePlan {
  readonly service: string;
  readonly replicas: number;
  /** It has a health check. */
  readonly checked: boolean;
  /** From its start until it can answer. */
  readonly startUp: Duration;
  /** From the signal until it has ended. */
  readonly endsAfter: Duration;
  readonly restartPolicy: RestartPolicy['name'];
  /** Names of other services. */
  readonly needs: readonly string[];
  /** Without what it needs its health check fails, it ends soon after its start, or it does not mind. */
  readonly without: 'ill' | 'falls' | 'fine';
  /** The service whose network namespace it shares. */
  readonly inNetworkOf: string | undefined;
  /** What its size follows; undefined: nobody scales it. `replicas` is then the number in its file. */
  readonly scaled: Scaled | undefined;
  /** What heals it when it is unhealthy touches its data. */
  readonly needsYes: boolean;
  /** What the rule of its alert asks for; undefined: nobody has written one. */
  readonly alert: AlertWish | undefined;
  /** How it stands to the watchdog: `watched` for the most part. */
  readonly standing: Standing;
}

export interface Scaled {
  /** The length of its queue, or what its replicas use of the processors. */
  readonly follows: 'queue' | 'cpu';
  readonly min: number;
  readonly max: number;
  /** What its `pre_stop` takes; 0: it has none. */
  readonly drain: Duration;
}

/** The label `repair`; `nonsense` is what no watchdog can do. */
export type AlertWish = 'restart' | 'mend-files' | 'none' | 'nonsense';

export type Standing =
  | 'watched'
  | 'opted-out'
  | 'observed'
  | 'respects-stops'
  | 'other-project'
  | 'the watchdog itself';

/** So many starts until it works again; `never`: not before people have mended it. */
export type Cure = number | 'never';

interface At {
  /** From the beginning of the simulation. */
  readonly at: Duration;
}

interface Of {
  readonly service: string;
  readonly number: number;
}

/** `lasts`: how long until whoever or whatever did it has put it right again. */
interface Lasts {
  readonly lasts: Duration;
}

export type Happening = At &
  (
    | ({ readonly kind: 'crash'; readonly exitCode: number; readonly cure: Cure } & Of & Lasts)
    | ({ readonly kind: 'ill'; readonly cure: Cure } & Of & Lasts)
    /** Its answers are wrong: its health check does not see that, and its alert does. */
    | ({ readonly kind: 'errs'; readonly cure: Cure } & Of & Lasts)
    | ({ readonly kind: 'out-of-memory' } & Of)
    | ({ readonly kind: 'leak' } & Of)
    | ({ readonly kind: 'stop' | 'restart' | 'remove' | 'freeze' } & Of & Lasts)
    | ({ readonly kind: 'deploy'; readonly service: string } & Lasts)
    | ({ readonly kind: 'stop-all' } & Lasts)
    /** As much work comes in as so many replicas can do. */
    | ({ readonly kind: 'load'; readonly service: string; readonly level: number } & Lasts)
    /** `docker compose up --scale`. */
    | { readonly kind: 'scale'; readonly service: string; readonly to: number }
    /** No queue can be read. */
    | ({ readonly kind: 'queues-away' } & Lasts)
    /** `watchdog pause`; everything where no service is named. */
    | ({ readonly kind: 'pause'; readonly service: string | undefined } & Lasts)
    | { readonly kind: 'ask'; readonly service: string }
    /** From now on people who are asked for a yes answer in this manner, so long after they were told. */
    | { readonly kind: 'answers'; readonly manner: Manner; readonly after: Duration }
    /** A share of the events fares so on its way. */
    | ({ readonly kind: 'events'; readonly fare: EventFare; readonly share: number } & Lasts)
    | { readonly kind: 'cut' }
    /** The stream says nothing any more; in the end somebody notices and closes it. */
    | ({ readonly kind: 'deaf' } & Lasts)
    | ({ readonly kind: 'calls'; readonly fare: CallFare; readonly share: number } & Lasts)
    /** A share of Alertmanager's deliveries fares so on its way. */
    | ({ readonly kind: 'deliveries'; readonly fare: DeliveryFare; readonly share: number } & Lasts)
    /** Alertmanager is away, and comes back with what it knows of whom it has told, or without. */
    | ({ readonly kind: 'alertmanager-away'; readonly forgets: boolean } & Lasts)
    /** The engine is away: cut off, and its containers go on; down with them; cut off and then killed, and the next one ends them. */
    | ({ readonly kind: 'engine-away'; readonly containers: 'go on' | 'end' | 'outlive it' } & Lasts)
    /** SIGKILL after so many steps of the watchdog from now on. */
    | ({ readonly kind: 'kill'; readonly steps: number; readonly phase: 'before' | 'after' } & Lasts)
    | ({ readonly kind: 'terminate' } & Lasts)
    | ({ readonly kind: 'ledger-fails' } & Lasts)
    | { readonly kind: 'clock'; readonly by: Duration }
    | { readonly kind: 'storm'; readonly cure: Cure }
  );

export type EventFare = 'lost' | 'doubled' | 'late' | 'reordered';

export type DeliveryFare = 'lost' | 'answer lost' | 'doubled' | 'late';

export type Manner = 'yes' | 'no' | 'silence' | 'yes twice' | 'yes and no';

export type CallFare = 'fails' | 'fails after the deed' | 'hangs' | 'hangs after the deed' | 'slow';
