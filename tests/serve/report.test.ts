import { afterEach, expect, test } from '@jest/globals';
import { createApp } from '../../watchdog/serve/app.ts';
import { reportShape } from '../../watchdog/serve/shapes.ts';
import { aReport, aServiceView, FakeRecords, FakeView, NOON, someDeps } from '../fakes/watchdog-view.ts';
import { type Api, serving } from './api.ts';

let api: Api | undefined;
afterEach(() => api?.close());

const clock = { now: () => NOON, after: () => () => {} };

async function start(records: FakeRecords, view = new FakeView()): Promise<Api> {
  api = await serving(createApp(someDeps({ records, view, clock })));
  return api;
}

test('the report is of the last 24 hours when nothing is said, and as openapi.json describes it', async () => {
  const records = new FakeRecords();
  const { get } = await start(records);

  const said = await get('/api/report');

  expect(said.status).toBe(200);
  expect(said.json).toEqual(JSON.parse(JSON.stringify(aReport())));
  expect(reportShape.strict().safeParse(said.json).success).toBe(true);
  expect(records.queries).toEqual([[{ since: NOON - 86_400_000, until: NOON }, []]]);
});

test('the report goes back as far as it is asked to', async () => {
  const records = new FakeRecords();
  const { get } = await start(records);

  await get('/api/report?since=7d');

  expect(records.queries).toMatchObject([[{ since: NOON - 7 * 86_400_000 }, []]]);
});

test('the report is told which services run without a health check: not those that have ended', async () => {
  const [replica] = aServiceView().replicas;
  if (replica === undefined) throw new Error('the service has a replica');
  const view = new FakeView();
  view.known = [
    aServiceView(),
    aServiceView({ service: 'worker', replicas: [{ ...replica, health: 'none' }] }),
    aServiceView({ service: 'migrate', replicas: [{ ...replica, health: 'none', state: 'exited' }] }),
  ];
  const records = new FakeRecords();
  const { get } = await start(records, view);

  await get('/api/report');

  expect(records.queries).toMatchObject([[{}, [{ project: 'shop', service: 'worker' }]]]);
});

test.each(['since=yesterday', 'since=0', 'since=400d', 'since=1h&since=2h', 'until=1h'])(
  'the report refuses ?%s',
  async query => {
    const { get } = await start(new FakeRecords());

    expect((await get(`/api/report?${query}`)).status).toBe(400);
  },
);

test('the report wants the token', async () => {
  const { get } = await start(new FakeRecords());

  expect((await get('/api/report', {})).status).toBe(401);
});
