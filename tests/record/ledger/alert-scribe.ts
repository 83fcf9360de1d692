import { openLedger } from '../../../watchdog/record/ledger/open-ledger.ts';
import { aReceivedAlert } from '../../fakes/an-alert.ts';
import { NOON } from './a-ledger.ts';

// A process that takes deliveries until it is killed, and says after each what it would have answered with 202 by now.
const nothing = () => undefined;
const logger = { error: nothing, warn: nothing, info: nothing, debug: nothing };
const { alerts } = openLedger(process.argv[2] ?? '', { logger });

for (let n = 0; ; n += 1) {
  const { queued } = alerts.take(
    ['a', 'b'].map(letter => aReceivedAlert({ fingerprint: `${letter}${n}` })),
    NOON,
  );
  for (const { fingerprint } of queued) process.stdout.write(`queued ${fingerprint}\n`);
}
