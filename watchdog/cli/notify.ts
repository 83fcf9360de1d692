import { Argument, type Command } from 'commander';
import { sendHttp } from '../adapters/send-http.ts';
import { formatProblem } from '../config/problem.ts';
import type { Channel } from '../record/notify/channel.ts';
import { channelsFrom } from '../record/notify/channels.ts';
import { deliver } from '../record/notify/deliver.ts';
import { testReport, testThreads } from '../record/notify/test-threads.ts';
import { newsOf } from '../record/notify/thread.ts';
import { toJson } from '../serve/to-json.ts';
import type { Context } from './context.ts';
import { CommandFailed, EXIT } from './exit.ts';
import { plain } from './plain.ts';

interface Tried {
  readonly channel: string;
  readonly stage: string;
  /** Undefined: it was taken. */
  readonly trouble: string | undefined;
}

/** `watchdog notify test`: one of each kind to every channel, marked as a test, past the queue. Needs no running watchdog. */
export function notifyCommand(program: Command, context: Context): void {
  program
    .command('notify')
    .description('send one message of each kind, marked as a test, to every channel that is set up')
    .addArgument(new Argument('<what>', 'what to send').choices(['test']))
    .option('--json', 'print JSON')
    .action(async (_what: string, { json }: { json?: boolean }) => {
      const { settings, problems } = context.settings();
      if (problems.length > 0) throw new CommandFailed(EXIT.usage, problems.map(formatProblem).join('\n'));
      const channels = channelsFrom(settings.notify);
      if (channels.length === 0)
        throw new CommandFailed(
          EXIT.usage,
          'no channel is set up: set ALERTMANAGER_URL, SLACK_WEBHOOK_URL, PAGERDUTY_ROUTING_KEY or WATCHDOG_NOTIFY_WEBHOOK_URL',
        );
      const tried = (await Promise.all(channels.map(channel => tryOut(channel, context.terminal.now())))).flat();
      if (json) context.terminal.print(toJson(tried, 2));
      else context.terminal.print(plain(channels.map(({ name }) => inWords(name, tried)).join('\n')));
      context.finish(tried.some(({ trouble }) => trouble !== undefined) ? EXIT.trouble : EXIT.fine);
    });
}

/** In order, as receivers of the real ones would have it. */
async function tryOut(channel: Channel, now: number): Promise<readonly Tried[]> {
  const tried: Tried[] = [];
  const news = [
    ...testThreads(now).map(thread => ({ stage: newsOf(thread).stage, message: channel.messageFor(thread) })),
    { stage: 'report', message: channel.reportFor?.(testReport(now)) },
  ];
  for (const { stage, message } of news) {
    if (message === undefined) continue;
    const delivery = await deliver(channel, message, sendHttp);
    const trouble = delivery.result === 'delivered' ? undefined : delivery.because;
    tried.push({ channel: channel.name, stage, trouble });
  }
  return tried;
}

function inWords(channel: string, tried: readonly Tried[]): string {
  const own = tried.filter(each => each.channel === channel);
  const failed = own.filter(({ trouble }) => trouble !== undefined);
  if (failed.length === 0) return `${channel}: works (${own.map(({ stage }) => stage).join(', ')})`;
  return failed.map(({ stage, trouble }) => `${channel}: ${stage} was not taken: ${trouble}`).join('\n');
}
