import type { Clock } from '../../watchdog/adapters/clock.ts';
import { type Answer, type Approval, YES_HOLDS } from '../../watchdog/domain/approval.ts';
import type { News } from '../../watchdog/domain/news.ts';
import type { Order } from '../../watchdog/domain/repair.ts';
import { type Duration, type Instant, minutes, seconds } from '../../watchdog/domain/time.ts';
import type { Lives } from './lives.ts';
import type { Manner } from './plan.ts';

/** Nobody answered the person, or with an error: so often he tries once more. */
const TRIES = 60;
const TRY_AGAIN_AFTER: Duration = minutes(1);

const WORDS: Readonly<Record<Manner, readonly Answer[]>> = {
  yes: ['granted'],
  no: ['refused'],
  silence: [],
  'yes twice': ['granted', 'granted'],
  'yes and no': ['granted', 'refused'],
};

/** What people were asked, and what they said, by their own account. */
export interface Question {
  readonly approval: Approval;
  /** The containers that it was about when they were told. */
  readonly containers: ReadonlySet<string>;
  /** When they last said yes, whether or not that came through. */
  yesAt: Instant | undefined;
  /** What the watchdog says that it took down. */
  taken: Answer | undefined;
  /** On the monotonic clock. */
  takenAt: Duration;
  /** An answer of theirs was lost on its way, or the watchdog died over it: nobody knows whether it counts. */
  unsure: boolean;
  used: boolean;
}

/** A person's words, and what the watchdog made of them. */
export interface Said {
  readonly question: Question;
  readonly answer: Answer;
  readonly accepted: boolean;
  /** The incident that it was about was over. */
  readonly over: boolean;
}

interface Parts {
  readonly lives: Pick<Lives, 'watchdog'>;
  readonly clock: Clock;
  readonly later: (wait: Duration, act: () => void) => void;
  readonly judge: (said: Said) => void;
}

/** People who are asked for a yes, and answer in whatever manner they have right now. */
export class Consent {
  readonly #parts: Parts;
  readonly #questions = new Map<string, Question>();
  readonly #over = new Set<string>();
  #manner: Manner = 'yes';
  #after: Duration = minutes(5);

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  answers(manner: Manner, after: Duration): void {
    this.#manner = manner;
    this.#after = after;
  }

  hears(news: News): void {
    if (news.type === 'incident-resolved') this.#over.add(news.incidentId);
    if (news.type !== 'incident-escalated' || news.approval === undefined) return;
    const { approval, incident } = news;
    if (this.#questions.has(approval.id)) return;
    const question: Question = {
      approval,
      containers: new Set(incident.patients.map(({ id }) => id)),
      yesAt: undefined,
      taken: undefined,
      takenAt: 0,
      unsure: false,
      used: false,
    };
    this.#questions.set(approval.id, question);
    for (const [turn, answer] of WORDS[this.#manner].entries())
      this.#parts.later(this.#after + turn * seconds(1), () => this.#say(question, answer, TRIES));
  }

  /** In the order in which they were asked. */
  get questions(): Iterable<Question> {
    return this.#questions.values();
  }

  isOver({ approval }: Question): boolean {
    return this.#over.has(approval.incidentId);
  }

  /** The yes to this very order, if there is one that has not been used. */
  yesTo({ service, strategy, targets }: Order): Question | undefined {
    const now = this.#parts.clock.now();
    return [...this.#questions.values()].find(
      ({ approval, containers, yesAt, used }) =>
        !used &&
        yesAt !== undefined &&
        now < yesAt + YES_HOLDS &&
        approval.service === service &&
        approval.strategy === strategy &&
        targets.every(({ id }) => containers.has(id)),
    );
  }

  uses(order: Order): void {
    const question = this.yesTo(order);
    if (question !== undefined) question.used = true;
  }

  /** How often somebody said yes since then, and it led to a repair. `since`: on the monotonic clock. */
  usedSince(service: string, since: Duration): number {
    return [...this.#questions.values()].filter(
      ({ approval, used, takenAt }) => used && approval.service === service && takenAt > since,
    ).length;
  }

  #say(question: Question, answer: Answer, tries: number): void {
    const { lives, clock, later, judge } = this.#parts;
    const { incidentId, id } = question.approval;
    const before = question.yesAt;
    if (answer === 'granted') question.yesAt = clock.now();
    try {
      if (lives.watchdog === undefined) throw new Error('nobody answers');
      const over = this.isOver(question);
      const { verdict } = lives.watchdog.answer(incidentId, { answer, order: id, reason: '' });
      const accepted = verdict === 'accepted';
      judge({ question, answer, accepted, over });
      if (accepted) Object.assign(question, { taken: answer, takenAt: clock.monotonic() });
      else if (!question.unsure) question.yesAt = before;
    } catch {
      question.unsure = true;
      if (tries > 0) later(TRY_AGAIN_AFTER, () => this.#say(question, answer, tries - 1));
    }
  }
}
