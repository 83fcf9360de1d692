import type { SendHttp } from './send-http.ts';

/** The one number that a PromQL expression is worth now. Rejects with a reason in a few words when it is none, or several. */
export type QueryNumber = (promql: string, signal?: AbortSignal) => Promise<number>;

/** Of an answer with one number in it little is needed; one with many says so in its beginning. */
const LONGEST_ANSWER = 2 ** 20;
const LONGEST_REASON = 200;

/** @param address may have a path, as behind a proxy. */
export const queryPrometheus =
  (address: string, send: SendHttp): QueryNumber =>
  async (promql, signal) => {
    const url = `${address.replace(/(?<!\/)\/+$/, '')}/api/v1/query?query=${encodeURIComponent(promql)}`;
    const { status, text } = await send({ method: 'GET', url, longestAnswer: LONGEST_ANSWER }, signal);
    return numberIn(text, status);
  };

/** https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries */
function numberIn(text: string, status: number): number {
  const said = objectIn(text);
  if (said?.status === 'error') throw new Error(`Prometheus refuses: ${String(said.error).slice(0, LONGEST_REASON)}`);
  if (status !== 200) throw new Error(`it answered with status ${status}`);
  const data = isObject(said?.data) ? said.data : {};
  if (data.resultType === 'scalar') return valueIn(data.result);
  if (data.resultType !== 'vector' || !Array.isArray(data.result)) throw new Error('its answer is no number');
  const [only, ...others] = data.result;
  if (only === undefined) throw new Error('the query returns nothing');
  if (others.length > 0) throw new Error(`the query returns ${others.length + 1} numbers; sum() makes one of them`);
  return valueIn(isObject(only) ? only.value : undefined);
}

/** `[1435781451.781, "1"]`; the number is written as text, so that it can be NaN or Inf. */
function valueIn(sample: unknown): number {
  const written: unknown = Array.isArray(sample) ? sample[1] : undefined;
  const value = typeof written === 'string' && written !== '' ? Number(written) : Number.NaN;
  if (!Number.isFinite(value)) throw new Error(`the query returns ${String(written).slice(0, 20)}`);
  return value;
}

function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const said: unknown = JSON.parse(text);
    return isObject(said) ? said : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
