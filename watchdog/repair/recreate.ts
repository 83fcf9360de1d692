import type { Strategy } from '../domain/repair.ts';
import { type ReplacingEngine, replacementOn } from './replacement.ts';

/** A fresh container from the same making: cures what a restart keeps, such as a spoilt writable layer. */
export function recreateContainer(docker: ReplacingEngine): Strategy {
  const { replace, confirm, undo, recover } = replacementOn(docker);
  return {
    name: 'recreate',
    danger: 'service',
    summary: 'makes the container again and keeps the old one until the new one is proven',
    apply: work => replace(work),
    confirm,
    undo,
    recover,
  };
}
