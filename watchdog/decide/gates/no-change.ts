import type { Gate } from '../../domain/decision.ts';

/** Nothing that we could do would change anything: the playbook leaves it to people, or the same was tried and had no effect. */
export const noChange: Gate = {
  code: 'no-change',
  evenWhenAsked: true,
  objection: ({ incident, past, dangers, service, asked }, order) => {
    const people = (because: string) => ({ code: 'no-change', because, until: undefined, tell: true }) as const;
    if (order === undefined) return people(`${incident.condition}: no repair of ours helps here; a person has to look`);
    if (!Object.hasOwn(dangers, order.strategy))
      return people(`there is no strategy ${order.strategy}; known are ${Object.keys(dangers).join(', ')}`);
    if (asked !== undefined) return undefined;
    const wedged = past.attempts.findLast(attempt => attempt.endedAt !== undefined);
    if (wedged?.code !== 'wedged') return undefined;
    // A container that has been started or has ended since then is no longer the wedged one.
    const moved = service?.replicas.some(
      replica =>
        order.targets.some(target => target.id === replica.id) &&
        Math.max(replica.inspected?.startedAt ?? 0, replica.inspected?.finishedAt ?? 0) > wedged.at,
    );
    return moved ? undefined : people(`${wedged.strategy} had no effect: the engine cannot get hold of this container`);
  },
};
