import { dangerOf, needsYes } from '../../domain/approval.ts';
import type { Gate } from '../../domain/decision.ts';

/**
 * Whoever was attacked is left as it is: what it has in memory and in its files are the traces that tell how far it went, and a
 * restart, a recreate or a repair of files takes some of them. Asked before a service's own settings, because people have to hear
 * of it also where nothing is repaired. A person's wish passes, as long as it touches no data.
 */
export const evidence: Gate = {
  code: 'evidence',
  evenWhenAsked: true,
  objection: ({ incident, attack, asked, dangers }, order) => {
    if (incident.kind === 'attacked')
      return { code: 'evidence', because: `${incident.because}. ${WHAT_TO_DO}`, until: undefined, tell: true };
    if (attack === undefined) return undefined;
    if (asked !== undefined && order !== undefined && !needsYes(dangerOf(order, dangers))) return undefined;
    return {
      code: 'evidence',
      because: `its log told of an attack (incident ${attack}), and a repair could destroy the traces; ${HOW_TO_END}`,
      until: undefined,
      tell: true,
    };
  },
};

const HOW_TO_END = 'once somebody has looked: watchdog errors resolve, with the id that watchdog errors list shows';

const WHAT_TO_DO = `Nothing is repaired, so that no trace is lost. Cut it off from its networks, keep what it holds, and take it for broken into; ${HOW_TO_END}`;
