// Measures what docs/performance.md says of alerts: `node bench/webhook.ts --help`.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { answers } from './contenders.ts';
import { obedientEngine } from './obedient-engine.ts';
import { cpuSeconds, memoryOf } from './process-figures.ts';
import { rounded, summaryOf } from './statistics.ts';
import { pause, until } from './wall-clock.ts';
import { commandAsInImage } from './watchdog-copy.ts';

const HELP = `node bench/webhook.ts [options]

  --seconds N     of each load                                                        (30)
  --rate N        alerts a second                                                     (2000)
  --calls N       single alerts, for the time from Alertmanager's call to the repair  (40)
  --core N        the one core that the watchdog may use                              (1)
  --json FILE     writes the figures there as well

Against a simulated engine of 50 healthy services; nothing real is touched. Take a machine that does nothing else.`;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    rate: { type: 'string', default: '2000' },
    calls: { type: 'string', default: '40' },
    core: { type: 'string', default: '1' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const PROJECT = 'bench';
const SERVICES = 50;
const TOKEN = 'a-token-for-the-bench-only';
const PORT = 18_099;
const ADDRESS = `http://127.0.0.1:${PORT}`;
/** As many as Alertmanager opens for its groups. */
const agent = new Agent({ keepAlive: true, maxSockets: 32 });

/** The same alerts fire and end by turns, as in a storm that flaps: each turn is news, and the book does not grow for ever. */
function delivery(first: number, count: number, turn: number): string {
  const status = turn % 2 === 0 ? 'firing' : 'resolved';
  const startsAt = new Date(Date.UTC(2026, 0, 1) + Math.floor(turn / 2) * 60_000).toISOString();
  const alerts = Array.from({ length: count }, (_, n) => alert(first + n, status, startsAt));
  return JSON.stringify({ version: '4', status, receiver: 'watchdog', groupLabels: {}, alerts });
}

function alert(n: number, status: string, startsAt: string) {
  const service = `service-${n % SERVICES}`;
  return {
    status,
    labels: {
      alertname: `HighErrorRate${n}`,
      auto_repair: 'true',
      instance: `${service}:8080`,
      job: 'shop',
      project: PROJECT,
      repair: 'restart',
      service,
      severity: 'warning',
    },
    annotations: {
      summary: `${service} answers 12 % of its requests with errors`,
      description: 'More than a tenth of the answers of the last five minutes were 5xx.',
      runbook_url: 'https://example.org/runbooks/high-error-rate',
    },
    startsAt,
    endsAt: status === 'firing' ? '0001-01-01T00:00:00Z' : startsAt,
    generatorURL: 'http://prometheus:9090/graph?g0.expr=rate%28http_requests_total%5B5m%5D%29&g0.tab=1',
    fingerprint: n.toString(16).padStart(16, '0'),
  };
}

function post(body: string): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const call = request(
      `${ADDRESS}/webhook/alertmanager`,
      { method: 'POST', agent, headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' } },
      async answer => {
        let text = '';
        for await (const chunk of answer) text += chunk;
        resolve({ status: answer.statusCode ?? 0, text });
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

/** Posts at this rate, whether or not the answers keep up; a delivery's time runs from when it was due. */
async function load(pid: number, perDelivery: number, turnsFrom: number) {
  const [rate, seconds] = [Number(values.rate), Number(values.seconds)];
  const perSecond = rate / perDelivery;
  const times: Promise<number>[] = [];
  let queued = 0;
  const before = { cpu: cpuSeconds(pid), rss: memoryOf(pid).rss };
  const began = performance.now();
  for (let n = 0; n < perSecond * seconds; n += 1) {
    const due = began + (n * 1_000) / perSecond;
    if (due > performance.now()) await pause(Math.max(0, due - performance.now()));
    const body = delivery((n % perSecond) * perDelivery, perDelivery, turnsFrom + Math.floor(n / perSecond));
    times.push(
      post(body).then(({ status, text }) => {
        if (status !== 202) throw new Error(`answered with ${status}: ${text}`);
        queued += JSON.parse(text).queued;
        return performance.now() - due;
      }),
    );
  }
  const sorted = (await Promise.all(times)).sort((a, b) => a - b);
  const took = (performance.now() - began) / 1_000;
  await pause(2_000);
  return {
    perDelivery,
    queuedPerSecond: Math.round(queued / took),
    p99: rounded(sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN),
    ...summaryOf(sorted),
    cpuShare: rounded((cpuSeconds(pid) - before.cpu) / took),
    growth: rounded(memoryOf(pid).rss - before.rss),
  };
}

/** One alert each about services that nobody has complained of yet. */
async function calls(restartOf: (service: string) => Promise<number>) {
  const times: number[] = [];
  for (let n = 0; n < Math.min(Number(values.calls), SERVICES); n += 1) {
    const restarted = restartOf(`service-${n}`);
    const began = performance.now();
    await post(delivery(n, 1, 0));
    times.push((await restarted) - began);
    await pause(200);
  }
  return summaryOf(times);
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'cw-bench-webhook-'));
  const socket = join(folder, 'engine.sock');
  const engine = await obedientEngine(socket, PROJECT, SERVICES);
  const watchdog = spawn('taskset', ['-c', values.core, process.execPath, ...commandAsInImage(folder), 'run'], {
    stdio: ['ignore', 'ignore', 'ignore'],
    env: {
      PATH: process.env.PATH,
      DOCKER_HOST: `unix://${socket}`,
      WATCHDOG_PROJECTS: PROJECT,
      WATCHDOG_DATA: join(folder, 'data'),
      WATCHDOG_TOKEN: TOKEN,
      WATCHDOG_HOST: '127.0.0.1',
      WATCHDOG_PORT: String(PORT),
      WATCHDOG_STORM_LIMIT: '100 per 10m',
    },
  });
  const pid = watchdog.pid ?? 0;
  try {
    await until('/readyz', () => answers(`${ADDRESS}/readyz`), 60_000);
    // The watchdog gives back what only its start needed after ten seconds.
    await pause(15_000);
    const callToRepair = await calls(engine.restartOf);
    console.log('from the call to the repair, ms:', callToRepair);
    const loads = [];
    // The first warms the code up and is not counted for memory.
    for (const [at, perDelivery] of [20, 1, 20, 2_000].entries()) {
      const figures = await load(pid, perDelivery, 2 + at * 2 * Number(values.seconds));
      console.log(at === 0 ? 'warming up:' : 'load:', figures);
      if (at > 0) loads.push(figures);
    }
    if (values.json !== undefined) writeFileSync(values.json, JSON.stringify({ callToRepair, loads }, undefined, 2));
  } finally {
    watchdog.kill('SIGKILL');
    engine.close();
    agent.destroy();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (values.help) console.log(HELP);
else await main();
