import { type Approval, questionInWords, standingOf } from '../../domain/approval.ts';
import { HOST } from '../../domain/finding.ts';
import type { Incident } from '../../domain/incident.ts';
import type { News } from '../../domain/news.ts';
import type { IncidentRecord, RepairRecord } from '../../domain/records.ts';
import type { ServiceRef } from '../../domain/service.ts';
import { type Duration, type Instant, minutes } from '../../domain/time.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Outbox } from '../ledger/outbox.ts';
import type { Reporter } from '../reporter.ts';
import type { Channel, ChannelName } from './channel.ts';
import { newsOf, type Telling, type Thread } from './thread.ts';
import { escalated, isOpening, opened, resolved } from './words.ts';

type NewsOf<Type extends News['type']> = Extract<News, { type: Type }>;

export interface NotifyTools {
  readonly ledger: Pick<Ledger, 'repairs' | 'incident' | 'incidents'>;
  readonly outbox: Outbox;
  readonly channels: () => readonly Channel[];
  /** Whether people are paged for this service. */
  readonly critical: (ref: ServiceRef) => boolean;
  /** Something was posted. */
  readonly posted: () => void;
  /** That was the last of it. */
  readonly ended: (thread: Thread) => void;
  /** The channel's queue is full: so many of its oldest messages are gone. */
  readonly dropped: (channel: ChannelName, messages: number) => void;
}

/** An engine that is restarted (an upgrade, a reboot) is back within this time, and wakes nobody. */
const ENGINE_GRACE: Duration = minutes(1);

/** Tells people: turns news into threads, and posts what is new in them to every channel, in the very moment of the news. */
export class NotifyReporter implements Reporter {
  readonly name = 'notify';
  readonly #tools: NotifyTools;
  readonly #threads = new Map<string, Thread>();

  constructor(tools: NotifyTools) {
    this.#tools = tools;
  }

  /** What the last process left, which may have died between the incident and its telling. Throws `LedgerError`. */
  resume(now: Instant): void {
    const { ledger, outbox } = this.#tools;
    outbox.holdAnew(now + ENGINE_GRACE);
    for (const { incident: id, told } of outbox.threads()) {
      const thread = JSON.parse(told) as Thread;
      this.#threads.set(id, thread);
      const incident = ledger.incident(id);
      if (incident === undefined) this.#end(id, now);
      else if (incident.state === 'resolved') this.#resolved(resolutionOf(incident, now));
    }
    for (const incident of ledger.incidents({ limit: 500, open: true }).items) {
      const untold = !this.#threads.get(incident.id)?.tellings.some(({ stage }) => stage === 'escalated');
      const asked = incident.approvals.findLast(each => standingOf(each, now) === 'waiting');
      if (untold && asked !== undefined) this.#escalated(questionOf(incident, asked, now));
      else if (untold && incident.state === 'escalated') this.#escalated(escalationOf(incident, now));
    }
  }

  tell(news: News): void {
    switch (news.type) {
      case 'decided':
        if (isOpening(news)) this.#opened(news);
        break;
      case 'incident-escalated':
        this.#escalated(news);
        break;
      case 'incident-resolved':
        this.#resolved(news);
        break;
    }
  }

  /** What no incident stands for: it has no end to be told of. Throws `LedgerError`. */
  tellOnce(thread: Thread): void {
    const { at } = newsOf(thread);
    this.#post(thread, true, at, at);
  }

  /** Any decision can be the first one that people should hear of; also the first after news that was lost in a crash. */
  #opened(news: NewsOf<'decided'> & { readonly incident: Incident }): void {
    const { incident, incidentId = '' } = news;
    if (this.#threads.has(incidentId)) return;
    this.#add(this.#threadOf(incident, incidentId), opened(news), news.at);
  }

  #escalated(news: NewsOf<'incident-escalated'>): void {
    const { at, incident, incidentId } = news;
    const hold = incident.condition === 'engine-lost' ? ENGINE_GRACE : 0;
    const telling = escalated(news, this.#repairsOf(incident, incidentId));
    this.#add(this.#threadOf(incident, incidentId), telling, at + hold);
  }

  #resolved(news: NewsOf<'incident-resolved'>): void {
    const { incident, incidentId, at } = news;
    const thread = this.#threads.get(incidentId);
    if (thread === undefined) return;
    const unheard = thread.tellings.length === 1 && this.#tools.outbox.holds(incidentId, at);
    if (unheard) this.#end(incidentId, at);
    else {
      const telling = resolved(news, this.#repairsOf(incident, incidentId));
      const whole = { ...thread, tellings: [...thread.tellings, telling] };
      this.#post(whole, true, at, at);
      this.#threads.delete(incidentId);
      this.#tools.ended(whole);
    }
  }

  #threadOf(incident: Incident, incidentId: string): Thread {
    const { project, service, kind, condition, since } = incident;
    const known = this.#threads.get(incidentId);
    if (known !== undefined) return known;
    // An engine that is away for longer than an update takes leaves nothing to try, and nothing is tried against an attack.
    const grave = condition === 'engine-lost' || kind === 'attacked';
    const critical = grave || (project !== HOST && this.#tools.critical({ project, service }));
    return { incident: incidentId, project, service, kind, condition, critical, since, test: false, tellings: [] };
  }

  #add(thread: Thread, telling: Telling, notBefore: Instant): void {
    const earlier = thread.tellings.filter(({ stage }) => stage !== telling.stage);
    const grown = { ...thread, tellings: [...earlier, telling] };
    if (this.#post(grown, false, telling.at, notBefore)) this.#threads.set(thread.incident, grown);
  }

  /** @returns whether there is anybody to tell. */
  #post(thread: Thread, isOver: boolean, now: Instant, notBefore: Instant): boolean {
    const { channels, outbox, posted, dropped } = this.#tools;
    if (channels().length === 0 && !isOver) return false;
    const messages = channels().flatMap(channel => {
      const message = channel.messageFor(thread);
      return message === undefined ? [] : [{ channel: channel.name, body: JSON.stringify(message) }];
    });
    const told = isOver ? undefined : JSON.stringify(thread);
    const lost = outbox.post({ incident: thread.incident, told, messages, now, notBefore });
    for (const [channel, count] of lost) dropped(channel as ChannelName, count);
    posted();
    return true;
  }

  /** Without a word: nobody has heard of it. */
  #end(incident: string, now: Instant): void {
    this.#tools.outbox.post({ incident, told: undefined, messages: [], now, notBefore: now });
    this.#threads.delete(incident);
  }

  #repairsOf({ project, service }: ServiceRef, incidentId: string): readonly RepairRecord[] {
    const { items } = this.#tools.ledger.repairs({ limit: 100, project, service });
    return items.filter(repair => repair.incidentId === incidentId);
  }
}

const resolutionOf = (incident: IncidentRecord, now: Instant): NewsOf<'incident-resolved'> => {
  const at = incident.resolvedAt ?? now;
  return {
    type: 'incident-resolved',
    at,
    ref: { project: incident.project, service: incident.service },
    incident,
    incidentId: incident.id,
    because: incident.life.at(-1)?.because ?? '',
    openFor: at - incident.openedAt,
    recoveredAfter: Math.max(0, at - incident.since),
  };
};

const escalationOf = (incident: IncidentRecord, at: Instant): NewsOf<'incident-escalated'> => {
  const said = incident.life.findLast(({ state }) => state === 'escalated')?.because ?? '';
  const [, code = '', because = said] = /^([a-z-]+): (.*)$/s.exec(said) ?? [];
  return { type: 'incident-escalated', at, incident, incidentId: incident.id, code, because };
};

const questionOf = (incident: IncidentRecord, approval: Approval, at: Instant): NewsOf<'incident-escalated'> => {
  const because = questionInWords(approval);
  return { type: 'incident-escalated', at, incident, incidentId: incident.id, code: 'approval', because, approval };
};
