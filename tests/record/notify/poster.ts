import { openLedger } from '../../../watchdog/record/ledger/open-ledger.ts';
import { channelsFrom } from '../../../watchdog/record/notify/channels.ts';
import { NotifyReporter } from '../../../watchdog/record/notify/notify-reporter.ts';
import { aGo } from '../some-news.ts';

// A process that posts and lives on without delivering, until it is killed.
const [file = '', address = ''] = process.argv.slice(2);
const nothing = () => undefined;
const { ledger, outbox } = openLedger(file, {
  logger: { error: nothing, warn: nothing, info: nothing, debug: nothing },
});
const channels = channelsFrom({
  alertmanager: undefined,
  slack: undefined,
  pagerdutyKey: undefined,
  pagerduty: undefined,
  webhook: address,
  heartbeat: undefined,
});
const reporter = new NotifyReporter({
  ledger,
  outbox,
  channels: () => channels,
  critical: () => false,
  posted: nothing,
  ended: nothing,
  dropped: nothing,
});
reporter.tell(aGo());
process.stdout.write('posted\n');
setInterval(nothing, 60_000);
