import { textOf as reportText, spanOf } from '../report/report-words.ts';
import { type Channel, type ReportNews, secretsOf } from './channel.ts';
import { isCritical, newsOf, type Stage, type Thread, textOf } from './thread.ts';

/** What a glance at the phone has to tell. */
const SIGNS: Readonly<Record<Stage, string>> = { opened: '[trying]', escalated: '[NEEDS YOU]', resolved: '[over]' };

/** Longer texts are cut by Slack (https://docs.slack.dev/reference/methods/chat.postMessage, "Truncating content"). */
const LONGEST_TEXT = 4_000;

/** Slack's incoming webhooks (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks). */
export const slack = (address: string): Channel => ({
  name: 'slack',
  messageFor: thread => asItStands(messageOf(thread)),
  reportFor: news => asItStands(reportOf(news)),
  requestFor: message => ({ method: 'POST', url: address, body: JSON.stringify(message) }),
  secrets: secretsOf(address),
});

const asItStands = (text: string) => ({
  text: escaped(text.slice(0, LONGEST_TEXT)),
  // `my_long_name` is a name and not half in italics.
  mrkdwn: false,
  unfurl_links: false,
  unfurl_media: false,
});

const reportOf = ({ report, test }: ReportNews): string =>
  `${test ? '[TEST] ' : ''}[report] ${spanOf(report)}\n${reportText(report)}`;

function messageOf(thread: Thread): string {
  const { stage, headline } = newsOf(thread);
  const marks = [
    thread.test ? '[TEST]' : '',
    SIGNS[stage],
    isCritical(thread, stage) && stage !== 'resolved' ? '[critical]' : '',
  ];
  return `${[...marks, headline].filter(mark => mark !== '').join(' ')}\n${textOf(thread)}`;
}

/** The three signs that Slack reads as markup, `<!channel>` among it (https://docs.slack.dev/messaging/formatting-message-text). */
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
