import type { Message, World } from './world.ts';

/** What Slack heard, by whom it is about: the first words of the titles. `{ 'shop/web': ['warning', 'Over'] }` */
export function slackThreadsIn(messages: readonly Message[]): Readonly<Record<string, readonly string[]>> {
  const titles = messages.flatMap(({ body }) => body.attachments?.map(({ title }) => title) ?? []);
  return grouped(titles.map(title => [title.replace(/^\w+: /, ''), title.replace(/: .*$/s, '')]));
}

/** What PagerDuty heard, by the summary under which its incident was opened; its percentages are N. */
export function pagesIn(messages: readonly Message[]): Readonly<Record<string, readonly string[]>> {
  const events = messages.flatMap(({ body }) => (body.event_action === undefined ? [] : body));
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
