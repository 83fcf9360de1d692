import type { Docker, EngineEvent } from '../../watchdog/adapters/docker/docker.ts';
import type { FakeContainer } from '../fakes/fake-container.ts';
import type { History, SeenRepair } from './history.ts';
import type { Deed } from './rule.ts';
import type { SimulatedEngine } from './simulated-engine.ts';

const CHANGES: ReadonlySet<string> = new Set([
  'start',
  'stop',
  'restart',
  'rename',
  'remove',
  'create',
  'update',
  'reconnectNetworks',
  'attachNetworks',
  'prune',
] satisfies (keyof Docker)[]);

interface UnderWay {
  readonly container: FakeContainer | undefined;
  /** A further step of its repair, whose place may have been lent while it waited for the container to end (repair/slots.ts). */
  readonly further: boolean;
  /** It was told to end and is waited for. */
  waits: boolean;
}

/** What the watchdog asks the engine to change, as it asks for it. */
export class Deeds {
  readonly #engine: SimulatedEngine;
  readonly #history: History;
  readonly #judge: (deed: Deed) => void;
  readonly #underWay = new Set<UnderWay>();
  /** Of each container that was ever told of, by id: a person may have removed it in the moment in which it is to be stopped. */
  readonly #services = new Map<string, string>();
  /** Who has waited for a place once does not wait again for the next step. */
  readonly #begun = new WeakSet<SeenRepair>();

  constructor(engine: SimulatedEngine, history: History, judge: (deed: Deed) => void) {
    this.#engine = engine;
    this.#history = history;
    this.#judge = judge;
  }

  sees({ action, containerId, service }: EngineEvent): void {
    this.#services.set(containerId, service);
    if (action !== 'kill') return;
    for (const one of this.#underWay) if (one.container?.id === containerId) one.waits = true;
  }

  /** A watchdog that died waits for nothing any more. */
  died(): void {
    this.#underWay.clear();
    for (const repair of this.#history.open) this.#begun.add(repair);
  }

  witnessing(docker: Docker, tell: (words: string) => void): Docker {
    const calls = Object.entries(docker).map(([word, call]) =>
      CHANGES.has(word) ? [word, this.#witness(word, call as Call, tell)] : [word, call],
    );
    return Object.fromEntries(calls) as Docker;
  }

  #witness(word: string, call: Call, tell: (words: string) => void): Call {
    return async (...given) => {
      const named = word === 'create' ? String(given[1]) : String(given[0]);
      const container = this.#engine.container(named);
      const service = container?.making.service ?? this.#services.get(named) ?? serviceIn(named);
      tell(`${word} ${container?.name ?? named}`);
      const further = this.#isFurther(service);
      const besides = further ? 0 : [...this.#underWay].filter(one => !one.waits && !one.further).length;
      this.#judge({ word, service, container, besides });
      const mine: UnderWay = { container, further, waits: false };
      this.#underWay.add(mine);
      try {
        const answer = await call(...given);
        tell(`${word} ${container?.name ?? named}: done`);
        return answer;
      } catch (error) {
        tell(`${word} ${container?.name ?? named}: ${String(error)}`);
        throw error;
      } finally {
        this.#underWay.delete(mine);
      }
    };
  }

  #isFurther(service: string): boolean {
    const [repair] = this.#history.openAt(service);
    if (repair === undefined || this.#begun.has(repair)) return true;
    this.#begun.add(repair);
    return false;
  }
}

/** Of a container that is yet to be made, or gone: `shop-web-1_replacing_...`. */
const serviceIn = (name: string): string => name.split('-')[1] ?? name;

type Call = (...given: readonly unknown[]) => Promise<unknown>;
