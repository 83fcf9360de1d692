import { openLedger } from '../../../watchdog/record/ledger/open-ledger.ts';
import { anIncident, anOrder, aRefusal, NOON } from './a-ledger.ts';

// A process that writes until it is killed, and says after each repair what is in the ledger by now.
const nothing = () => undefined;
const logger = { error: nothing, warn: nothing, info: nothing, debug: nothing };
const { ledger } = openLedger(process.argv[2] ?? '', { logger });
const { id: incident } = ledger.openIncident(anIncident(), NOON);

for (let n = 0; ; n += 1) {
  const repair = ledger.beginRepair(anOrder(), incident, NOON + n);
  ledger.noteStep(repair, 'stop', { n }, NOON + n);
  ledger.noteStep(repair, 'start', { n }, NOON + n);
  process.stdout.write(`begun ${repair}\n`);
  ledger.noteDecision(aRefusal({ incidentId: repair }));
  ledger.endRepair(repair, 'healed', 'proven', 'healthy', NOON + n);
  process.stdout.write(`ended ${repair}\n`);
}
