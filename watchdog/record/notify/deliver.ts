import type { HttpAnswer, SendHttp } from '../../adapters/send-http.ts';
import { type Duration, hours, minutes, seconds } from '../../domain/time.ts';
import type { Channel, Message } from './channel.ts';

/** How a try to deliver ended. */
export type Delivery =
  | { readonly result: 'delivered' }
  /** Another try can help. */
  | { readonly result: 'failed'; readonly because: string; readonly retryAfter: Duration | undefined }
  /** The receiver will never take this message. */
  | { readonly result: 'refused'; readonly because: string };

const FIRST_WAIT: Duration = seconds(1);
const LONGEST_WAIT: Duration = minutes(5);
const LONGEST_RETRY_AFTER: Duration = hours(1);
const LONGEST_REASON = 200;

/** One try. Never throws; what it says is without keys and addresses. */
export async function deliver(
  channel: Channel,
  message: Message,
  send: SendHttp,
  signal?: AbortSignal,
): Promise<Delivery> {
  try {
    return deliveryFrom(await send(channel.requestFor(message), signal), channel.secrets);
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    return { result: 'failed', because: withoutSecrets(because, channel.secrets), retryAfter: undefined };
  }
}

function deliveryFrom({ status, retryAfter, text }: HttpAnswer, secrets: readonly string[]): Delivery {
  if (status >= 200 && status < 300) return { result: 'delivered' };
  const said = withoutSecrets(text, secrets)
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, LONGEST_REASON);
  const because = `HTTP ${status}${said && `: ${said}`}`;
  // 408 Request Timeout and 429 Too Many Requests pass; any other 4xx and a redirect will be the same tomorrow.
  const passes = status >= 500 || status === 408 || status === 429;
  if (passes) return { result: 'failed', because, retryAfter };
  const isRedirect = status >= 300 && status < 400;
  return {
    result: 'refused',
    because: isRedirect ? `HTTP ${status}: redirects are not followed; set the address it leads to` : because,
  };
}

/** How long to wait after so many tries: 1 s, 2 s, 4 s, up to 5 minutes, and not less than the receiver asked for. */
export const waitAfter = (tries: number, retryAfter?: Duration): Duration =>
  Math.max(
    Math.min(FIRST_WAIT * 2 ** Math.min(tries - 1, 20), LONGEST_WAIT),
    Math.min(retryAfter ?? 0, LONGEST_RETRY_AFTER),
  );

const withoutSecrets = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
