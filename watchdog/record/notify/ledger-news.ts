import { HOST } from '../../domain/finding.ts';
import type { Instant } from '../../domain/time.ts';
import type { LedgerDamage } from '../ledger/ledger.ts';
import { oneLine, quoted } from '../one-line.ts';
import type { Thread } from './thread.ts';

/**
 * What people hear of a ledger that has forgotten: an incident of its own cannot be remembered in it, and what they had told the
 * watchdog may have to be told again.
 */
export function ledgerNews({ forgotten, kept }: LedgerDamage, at: Instant): Thread {
  const gone = forgotten === 'all' ? 'all that it remembered is gone' : 'its newest entries are gone';
  return {
    incident: 'ledger',
    project: HOST,
    service: 'ledger',
    kind: 'host',
    condition: 'ledger-damaged',
    critical: false,
    since: at,
    test: false,
    tellings: [
      {
        stage: 'escalated',
        at,
        headline: `The ledger of the watchdog was damaged: ${gone}`,
        because: 'a part of its file could not be read, as after a power cut or on a disk that fails',
        healthOutput: undefined,
        done: [
          forgotten === 'all' ? 'a new ledger was begun' : 'what could be read is used on',
          ...(kept === undefined ? [] : [oneLine(`the damaged file is kept as ${kept}`)]),
        ],
        todo: [
          'Pauses, answers to questions and stops by hand may be forgotten, and attempts are counted anew. To see, and to say again:',
          'watchdog status',
          'watchdog pause SERVICE --for 1h',
          'Whether the disk fails:',
          'dmesg --level err,warn | tail -n 50',
          ...(kept === undefined
            ? []
            : ['When nobody wants to look at the damaged file any more:', oneLine(`rm ${quoted(kept)}`)]),
        ],
      },
    ],
  };
}
