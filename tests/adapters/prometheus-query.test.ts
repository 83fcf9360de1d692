import { expect, test } from '@jest/globals';
import { queryPrometheus } from '../../watchdog/adapters/prometheus-query.ts';
import type { HttpAnswer, HttpRequest } from '../../watchdog/adapters/send-http.ts';

/** What Prometheus 2.53 answers. */
const vector = (...values: readonly string[]) =>
  JSON.stringify({
    status: 'success',
    data: { resultType: 'vector', result: values.map(value => ({ metric: {}, value: [1_435_781_451.781, value] })) },
  });

function asking(text: string, status = 200) {
  const asked: HttpRequest[] = [];
  const answer: HttpAnswer = { status, retryAfter: undefined, text };
  const query = queryPrometheus('http://prometheus:9090/behind/', async request => {
    asked.push(request);
    return answer;
  });
  return { asked, worth: query('sum(rate(x{job="a&b"}[1m]))') };
}

test('a query goes out whole, whatever is in it', async () => {
  const { asked, worth } = asking(vector('1'));
  await worth;

  expect(asked).toMatchObject([
    {
      method: 'GET',
      url: 'http://prometheus:9090/behind/api/v1/query?query=sum(rate(x%7Bjob%3D%22a%26b%22%7D%5B1m%5D))',
    },
  ]);
});

test.each([
  [vector('42.5'), 42.5],
  [vector('1e+06'), 1_000_000],
  [vector('0'), 0],
  ['{"status":"success","data":{"resultType":"scalar","result":[1435781451.781,"3"]}}', 3],
])('%s is a number', async (text, value) => {
  expect(await asking(text).worth).toBe(value);
});

test.each([
  [vector(), 200, 'the query returns nothing'],
  [vector('1', '2', '3'), 200, 'the query returns 3 numbers; sum() makes one of them'],
  [vector('NaN'), 200, 'the query returns NaN'],
  [vector('+Inf'), 200, 'the query returns +Inf'],
  [vector(''), 200, 'the query returns '],
  ['{"status":"success","data":{"resultType":"matrix","result":[]}}', 200, 'its answer is no number'],
  ['{"status":"success","data":{"resultType":"vector","result":[7]}}', 200, 'the query returns undefined'],
  [
    '{"status":"error","errorType":"bad_data","error":"parse error: unclosed left parenthesis"}',
    400,
    'Prometheus refuses: parse error: unclosed left parenthesis',
  ],
  ['<html>', 502, 'it answered with status 502'],
  ['<html>', 200, 'its answer is no number'],
  ['null', 200, 'its answer is no number'],
])('%s with status %i is none, and it says why', async (text, status, reason) => {
  await expect(asking(text, status).worth).rejects.toThrow(new Error(reason));
});
