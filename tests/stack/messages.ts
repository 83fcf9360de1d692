import type { Message, World } from './world.ts';

/** Whom Slack's messages are about that are about no service. */
export const HOST = 'the watchdog or the host';

/**
 * What Slack heard, by whom it is about: the first words of the titles. `{ 'shop/web': ['warning', 'Over'] }`. Without what was news
 * between the beginning and the end: that one of several alerts has come late, or has ended before the others, as a busy machine has it.
 */
export function slackThreadsIn(messages: readonly Message[]): Readonly<Record<string, readonly string[]>> {
  const told = messages.flatMap(({ body }) => body.attachments ?? []);
  const threads = Map.groupBy(told, ({ title }) => title.replace(/^\w+: /, ''));
  return Object.fromEntries(
    [...threads].map(([about, thread]) => {
      const words = thread.map(({ title, text }) => ({ word: wordOf(title, text), text }));
      const isNews = (at: number) =>
        words[at]?.word !== 'Over' && words[at - 1] !== undefined && words[at - 1]?.word !== 'Over';
      const repeats = (at: number) => words[at]?.text === words[at - 1]?.text;
      return [about, words.filter((_, at) => !isNews(at) || repeats(at)).map(({ word }) => word)];
    }),
  );
}

/** Alerts of one service that differ in severity are told of together, as `trouble`: `several`, if there really are some. */
function wordOf(title: string, text: string): string {
  const word = title.replace(/: .*$/s, '');
  const summaries = text.match(/^\*.+\*$/gm) ?? [];
  return word === 'trouble' && summaries.length > 1 ? 'several' : word;
}

/** The alerts that Slack was told of as being about no service, by the names of their runbooks. */
export const alertsOfHost = (messages: readonly Message[]): readonly string[] =>
  messages
    .flatMap(({ body }) => body.attachments ?? [])
    .filter(({ title }) => title.endsWith(HOST))
    .flatMap(({ text }) => [...text.matchAll(/runbooks\/(\w+)\.md/g)].map(([, name = '']) => name));

/**
 * What PagerDuty heard, by the summary under which its incident was opened; its percentages are N. A trigger of what is open pages
 * nobody (Events API v2, `dedup_key`): it only says that there is news of it.
 */
export function pagesIn(messages: readonly Message[]): Readonly<Record<string, readonly string[]>> {
  const open = new Set<string | undefined>();
  const events = messages.flatMap(({ body }) => {
    if (body.event_action === undefined || (body.event_action === 'trigger' && open.has(body.dedup_key))) return [];
    if (body.event_action === 'trigger') open.add(body.dedup_key);
    else open.delete(body.dedup_key);
    return body;
  });
  const summaryOf = (key: string | undefined) => {
    const opening = events.find(({ dedup_key, event_action }) => dedup_key === key && event_action === 'trigger');
    return opening?.payload?.summary.replace(/[\d.]+%/, 'N%') ?? `never opened: ${key}`;
  };
  return grouped(events.map(({ dedup_key, event_action = '' }) => [summaryOf(dedup_key), event_action]));
}

/** The texts that Slack got about that service. */
export const toldOnSlack = (service: string, { messages }: Pick<World, 'messages'>): readonly string[] =>
  messages.flatMap(({ body }) =>
    (body.attachments ?? []).filter(({ title }) => title.endsWith(`/${service}`)).map(({ text }) => text),
  );

function grouped(pairs: readonly (readonly [key: string, value: string])[]): Record<string, string[]> {
  const groups = Map.groupBy(pairs, ([key]) => key);
  return Object.fromEntries([...groups].map(([key, group]) => [key, group.map(([, value]) => value)]));
}
