import type { Rule } from '../rule.ts';

/** Rule 10. */
export const nothingDestroyed: Rule = {
  rule: 10,
  says: 'no data is destroyed without a backup and a yes',
  acts: ({ word, container, service }, { engine, history }) => {
    if (word === 'prune') return 'the disk has room, and something is pruned';
    if (word !== 'remove' || container === undefined) return undefined;
    // One replica of several is none whose data are its own: what is not scaled away is a rule of its own.
    if (history.openAt(service).some(({ order }) => order.strategy === 'scale')) return undefined;
    const { number } = container.making;
    const others = engine.containersOf(service).filter(other => other !== container && other.making.number === number);
    return others.length > 0 ? undefined : `${container.name} is removed, and there is no other in its place`;
  },
};
