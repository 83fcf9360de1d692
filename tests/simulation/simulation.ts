import type { Docker } from '../../watchdog/adapters/docker/docker.ts';
import type { News } from '../../watchdog/domain/news.ts';
import { type Duration, hours, minutes } from '../../watchdog/domain/time.ts';
import type { Ledger } from '../../watchdog/record/ledger/ledger.ts';
import { allInMemory, FakeClock } from '../fakes/fake-clock.ts';
import { SimulatedAlertmanager } from './alertmanager.ts';
import { Consent } from './consent.ts';
import { Deeds } from './deeds.ts';
import { Deliveries } from './deliveries.ts';
import { Dice } from './dice.ts';
import { happen, type Stage } from './happen.ts';
import { History } from './history.ts';
import { Lives } from './lives.ts';
import { People } from './people.ts';
import type { Happening, Plan } from './plan.ts';
import { SimulatedPrometheus } from './prometheus.ts';
import { escalationKey, type Rule, toldKey, type World } from './rule.ts';
import { rules } from './rules.ts';
import { SimulatedEngine } from './simulated-engine.ts';
import { Story } from './story.ts';
import { Weather } from './weather.ts';

allInMemory();

const DAY: Duration = hours(24);
/** How often is looked whether a rule was broken, or the dead are to be started anew. */
const STEP: Duration = minutes(1);
const KEEP: Duration = 30 * DAY;
const LEDGER_LIMIT = 64 * 2 ** 20;

export interface Broken {
  readonly rule: number;
  readonly says: string;
  readonly because: string;
}

export interface Result {
  readonly broken: Broken | undefined;
  readonly story: string;
  /** Simulated until the end, or until a rule was broken. */
  readonly lasted: Duration;
  readonly counts: {
    readonly happenings: number;
    readonly repairs: number;
    readonly healed: number;
    readonly lives: number;
  };
}

/** Lets the plan happen, watches the watchdog, and stops at the first rule that is broken. */
export async function simulate(plan: Plan): Promise<Result> {
  const simulation = new Simulation(plan);
  try {
    await simulation.run();
    return simulation.result;
  } finally {
    simulation.close();
  }
}

interface Due {
  readonly at: Duration;
  readonly act: () => void | Promise<void>;
}

class Simulation {
  readonly #plan: Plan;
  readonly #clock = new FakeClock();
  readonly #engine: SimulatedEngine;
  readonly #weather: Weather;
  readonly #lives: Lives;
  readonly #people = new People();
  readonly #consent: Consent;
  readonly #deliveries: Deliveries;
  readonly #alertmanager: SimulatedAlertmanager;
  readonly #history = new History();
  readonly #story = new Story(() => this.#clock.monotonic());
  readonly #undecided = new Map<object, Duration>();
  readonly #decided = new WeakSet<object>();
  readonly #escalations = new Map<string, number>();
  readonly #told = new Map<string, Duration[]>();
  readonly #down = new Map<string, Duration>();
  readonly #deeds: Deeds;
  readonly #world: World;
  readonly #due: Due[] = [];
  #broken: Broken | undefined;
  #happened = 0;
  #lived = 0;

  constructor(plan: Plan) {
    this.#plan = plan;
    const dice = new Dice(plan.seed);
    const engine = new SimulatedEngine(this.#clock, plan);
    this.#engine = engine;
    this.#weather = new Weather(this.#clock, dice.fork());
    engine.events.onTheWay = this.#weather.carry;
    for (const service of plan.services)
      for (let number = 1; number <= service.replicas; number += 1) engine.bringUp(service, number);
    const itself = engine.containers.find(one => engine.planOf(one).standing === 'the watchdog itself');
    this.#deeds = new Deeds(engine, this.#history, deed => this.#ask(rule => rule.acts?.(deed, this.#world)));
    const chances = dice.fork();
    this.#lives = new Lives({
      env: plan.env,
      scope: { projects: ['shop'], selfId: itself?.id },
      alerted: plan.services.some(({ alert }) => alert !== undefined),
      docker: this.#witnessing(this.#weather.around(engine.docker)),
      queueOf: list => engine.queueOf(list),
      clock: this.#clock,
      random: () => chances.roll(),
      logger: {
        error: (message, values) => this.#story.tell('log', `error: ${message} ${JSON.stringify(values)}`),
        warn: (message, values) => this.#story.tell('log', `warn: ${message} ${JSON.stringify(values)}`),
        info: () => undefined,
        debug: () => undefined,
      },
      report: news => this.#hear(news),
      witnessed: ledger => this.#witnessed(ledger),
    });
    engine.onTold = event => {
      const { action, name, exitCode, health, signal } = event;
      this.#story.tell('engine', [action, name, exitCode, health, signal].filter(word => word !== undefined).join(' '));
      this.#people.sees(event);
      this.#deeds.sees(event);
      this.#noteWhoIsDown();
    };
    this.#consent = new Consent({
      lives: this.#lives,
      clock: this.#clock,
      later: (wait, act) => this.#laterBy(wait, act),
      judge: words => this.#ask(rule => rule.answers?.(words, this.#world)),
    });
    this.#deliveries = new Deliveries(this.#clock, this.#weather, this.#lives);
    this.#alertmanager = new SimulatedAlertmanager(this.#clock, plan.alertmanager, this.#deliveries.deliver);
    this.#world = this.#stage;
  }

  get result(): Result {
    const { begun, healed } = this.#history;
    return {
      broken: this.#broken,
      story: this.#story.text,
      lasted: this.#clock.monotonic(),
      counts: { happenings: this.#happened, repairs: begun, healed, lives: this.#lived },
    };
  }

  async run(): Promise<void> {
    for (const what of this.#plan.happenings) this.#later(what.at, () => this.#happens(what));
    for (let day = 1; day <= this.#plan.days; day += 1) this.#later(day * DAY, () => this.#rest());
    if (this.#plan.services.some(({ alert }) => alert !== undefined))
      new SimulatedPrometheus(this.#clock, this.#engine, alerts => this.#alertmanager.take(alerts)).start();
    await this.#clock.advance(minutes(2));
    await this.#lives.start();
    const end = this.#plan.days * DAY;
    while (this.#broken === undefined && this.#clock.monotonic() <= end) {
      const next = this.#due[0];
      const now = this.#clock.monotonic();
      if (next === undefined) return;
      if (next.at > now) await this.#clock.advance(Math.min(next.at - now, STEP));
      else {
        this.#due.shift();
        await next.act();
        await this.#clock.advance(0);
      }
    }
  }

  close(): void {
    this.#lives.close();
  }

  get #stage(): Stage {
    return {
      plan: this.#plan,
      engine: this.#engine,
      clock: this.#clock,
      weather: this.#weather,
      history: this.#history,
      settings: this.#lives.settings,
      lives: this.#lives,
      people: this.#people,
      consent: this.#consent,
      deliveries: this.#deliveries,
      alertmanager: this.#alertmanager,
      undecided: this.#undecided,
      downSince: service => this.#down.get(service),
      escalations: this.#escalations,
      told: this.#told,
      later: (wait, act) => this.#laterBy(wait, act),
    };
  }

  #laterBy(wait: Duration, act: Due['act']): void {
    this.#later(this.#clock.monotonic() + wait, act);
  }

  #later(at: Duration, act: Due['act']): void {
    const after = this.#due.findIndex(due => due.at > at);
    this.#due.splice(after < 0 ? this.#due.length : after, 0, { at, act });
  }

  async #happens(what: Happening): Promise<void> {
    const { at: _, kind, ...more } = what;
    this.#happened += 1;
    this.#story.tell('happened', `${kind} ${JSON.stringify(more)}`);
    await happen(what, this.#stage);
  }

  #rest(): void {
    this.#ask(rule => rule.atRest?.(this.#world));
    this.#history.prune(this.#clock.now());
    this.#lives.ledger.forget(KEEP, LEDGER_LIMIT, this.#clock.now());
  }

  #ask(eye: (rule: Rule) => string | undefined): void {
    if (this.#broken !== undefined) return;
    for (const rule of rules) {
      const because = eye(rule);
      if (because === undefined) continue;
      this.#broken = { rule: rule.rule, says: rule.says, because };
      this.#story.tell('BROKEN', `rule ${rule.rule}, ${rule.says}: ${because}`);
      // A broken one may go on for ever without any time passing.
      this.#lives.kill();
      return;
    }
  }

  #witnessing(docker: Docker): Docker {
    return this.#deeds.witnessing(docker, words => this.#story.tell('did', words));
  }

  #witnessed(ledger: Ledger): Ledger {
    this.#undecided.clear();
    this.#deeds.died();
    this.#lived += 1;
    return {
      ...ledger,
      noteFinding: finding => {
        ledger.noteFinding(finding);
        this.#undecided.set(finding, this.#clock.monotonic());
      },
      noteDecision: entry => {
        ledger.noteDecision(entry);
        this.#decides(entry.finding, entry.decision.verdict);
      },
      beginRepair: (order, incidentId, now) => {
        this.#ask(rule => rule.begins?.({ order, at: now }, this.#world));
        const id = ledger.beginRepair(order, incidentId, now);
        this.#history.begins(id, order, now);
        this.#consent.uses(order);
        return id;
      },
      endRepair: (id, outcome, code, because, now) => {
        ledger.endRepair(id, outcome, code, because, now);
        const repair = this.#history.ends(id, outcome, now);
        this.#story.tell(
          'told',
          `${repair?.order.strategy} of ${repair?.order.service} ended: ${outcome} (${code}), ${because}`,
        );
      },
    };
  }

  #decides(finding: object, verdict: string): void {
    this.#undecided.delete(finding);
    // A repair that goes wrong in a way nobody planned is told as a decision of its own.
    if (this.#decided.has(finding) && verdict !== 'error')
      this.#ask(({ rule }) => (rule === 6 ? 'a finding was decided twice' : undefined));
    this.#decided.add(finding);
  }

  #hear(news: News): void {
    if (news.type === 'incident-escalated') {
      const key = escalationKey(news);
      this.#escalations.set(key, (this.#escalations.get(key) ?? 0) + 1);
      const about = toldKey(news);
      this.#told.set(about, [...(this.#told.get(about) ?? []).slice(-20), this.#clock.monotonic()]);
    }
    this.#consent.hears(news);
    this.#story.hear(news);
    this.#ask(rule => rule.hears?.(news, this.#world));
  }

  #noteWhoIsDown(): void {
    for (const { service } of this.#plan.services) {
      if (this.#engine.isUp(service)) this.#down.delete(service);
      else if (!this.#down.has(service)) this.#down.set(service, this.#clock.monotonic());
    }
  }
}

export const brokenWords = ({ rule, says, because }: Broken): string => `rule ${rule} (${says}): ${because}`;
