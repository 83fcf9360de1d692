// Measures what "Logs: following" of docs/performance.md reports: `node bench/follow.ts --help`.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { composeProject, PATIENT } from './compose-project.ts';
import { answers, type Contender, type Healer, watchdog } from './contenders.ts';
import { ENGINE_SOCKET } from './engine.ts';
import { cpuSeconds, engineProcesses, memoryOf } from './process-figures.ts';
import { rounded, type Summary, summaryOf } from './statistics.ts';
import { undoAtSignal } from './undo.ts';
import { now, pause, until } from './wall-clock.ts';
import { commandAsInImage } from './watchdog-copy.ts';

const HELP = `node bench/follow.ts [options]

  --only PART      call, quiet or busy; may be given more than once
  --containers N   that are followed, quiet ones and busy ones         (50)
  --lines N        that each busy one writes in a second               (1000)
  --seconds N      for which they do so                                (20)
  --minutes N      of each of the quiet ones' two runs                 (2)
  --repetitions N  of one line and the call it leads to                (30)

It makes Compose projects cw-bench-PID-... on the local engine and removes them again. Take a machine that does nothing else.`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true, default: [] },
    containers: { type: 'string', default: '50' },
    lines: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '20' },
    minutes: { type: 'string', default: '2' },
    repetitions: { type: 'string', default: '30' },
    help: { type: 'boolean', default: false },
  },
});

const run = promisify(execFile);
/** Has Python: one process for each container, however much it writes. */
const WRITER = 'compose-watchdog-test/ward:latest';
/** The garbage of the start is given back by then. */
const SETTLED = 20_000;
const project = (part: string): string => `cw-bench-${process.pid}-${part}`;

async function atWork(contender: Contender, of: string, folder: string, more: Readonly<Record<string, string>>) {
  const healer = await contender.start(of, folder, { WATCHDOG_INTERVAL: '86400', ...more });
  await until('/readyz', () => answers(`${healer.address}/readyz`), 60_000);
  return healer;
}

/** From the moment at which a container has written a line to the repair call. */
async function lineToCall(ours: Contender, folder: string): Promise<Summary> {
  const of = project('call');
  const till = { image: PATIENT, entrypoint: ['sh', '-c', 'sleep 100000'], stop_grace_period: '0s' };
  const down = await composeProject(of, { services: { till } }, folder);
  const playbooks = join(folder, 'playbooks');
  mkdirSync(playbooks, { recursive: true });
  writeFileSync(
    join(playbooks, 'port-conflict.yml'),
    'name: port-conflict\ncondition: port-conflict\neven_if_well: true\nladder: [{ strategy: restart }]\n',
  );
  const config = join(folder, 'watchdog.yml');
  writeFileSync(config, 'playbooks: { folders: [playbooks] }\n');
  const healer = await atWork(ours, of, folder, { WATCHDOG_CONFIG: config });
  try {
    await pause(SETTLED);
    const { stdout } = await run('docker', ['inspect', '-f', '{{.Id}}', `${of}-till-1`]);
    const patient = { id: stdout.trim(), name: `${of}-till-1` };
    const figures: number[] = [];
    for (let turn = 0; turn < Number(values.repetitions); turn += 1) figures.push(await oneLine(healer, patient));
    return summaryOf(figures);
  } finally {
    await healer.stop();
    await down();
  }
}

async function oneLine({ proxy }: Healer, patient: { readonly id: string; readonly name: string }): Promise<number> {
  const struckAt = now();
  // What its first process writes to; the line says when it was written, in nanoseconds.
  const write = 'echo "Error: listen EADDRINUSE: address already in use :::8080 at $(date +%s.%N)" > /proc/1/fd/1';
  await run('docker', ['exec', patient.id, 'sh', '-c', write]);
  const call = await until('the restart', () => proxy.repairs(patient, struckAt)[0], 30_000, 2);
  const { stdout } = await run('docker', ['logs', '--timestamps', '--tail', '1', patient.id]);
  const writtenAt = Date.parse(stdout.split(' ')[0]?.replace(/(\.\d{3})\d*Z/, '$1Z') ?? '');
  await pause(3_000);
  return call.at - writtenAt;
}

/** What following costs while nobody writes: MB, and the share of one core in percent. */
async function quiet(ours: Contender, folder: string) {
  const of = project('quiet');
  const still = { image: PATIENT, deploy: { replicas: Number(values.containers) }, network_mode: 'none' };
  const down = await composeProject(of, { services: { still } }, folder);
  const figures = async (follow: boolean) => {
    const healer = await atWork(ours, of, folder, { WATCHDOG_FOLLOW_LOGS: String(follow) });
    try {
      await pause(SETTLED);
      const before = cpuSeconds(healer.pid);
      await pause(Number(values.minutes) * 60_000);
      return { cpu: cpuSeconds(healer.pid) - before, memory: memoryOf(healer.pid).rss };
    } finally {
      await healer.stop();
    }
  };
  try {
    const [without, followed] = [await figures(false), await figures(true)];
    const core = rounded(((followed.cpu - without.cpu) / (Number(values.minutes) * 60)) * 100);
    return { core, memory: rounded(followed.memory - without.memory), followed: followed.memory };
  } finally {
    await down();
  }
}

/** Waits until it may begin, then writes ordinary lines of about 150 bytes in tenths of a second, and then nothing more. */
const WRITE = `
import os, sys, time
lines, seconds = int(sys.argv[1]), int(sys.argv[2])
while not os.path.exists("/gate/open"): time.sleep(0.2)
began, done = time.monotonic(), 0
while done < lines * seconds:
    due = min(lines * seconds, int((time.monotonic() - began) * lines))
    for n in range(done, due):
        sys.stdout.write(f"2026-11-22T12:00:00.{n % 1000:03}Z INFO http request id={n:08} method=GET path=/api/orders/{n % 977} status=200 bytes={n % 4096} took={n % 80}ms client=10.0.{n % 250}.7 agent=probe/1.0\\n")
    sys.stdout.flush()
    done = due
    time.sleep(0.1)
time.sleep(100000)
`;

/** Whether every line of many busy containers is read, and what reading them takes of one core. */
async function busy(ours: Contender, folder: string) {
  const of = project('busy');
  const [containers, lines, seconds] = [Number(values.containers), Number(values.lines), Number(values.seconds)];
  const gate = join(folder, 'gate');
  mkdirSync(gate);
  const writer = {
    image: WRITER,
    entrypoint: ['python3', '-c', WRITE.replaceAll('$', '$$$$'), String(lines), String(seconds)],
    deploy: { replicas: containers },
    network_mode: 'none',
    stop_grace_period: '0s',
    volumes: [`${gate}:/gate:ro`],
  };
  const down = await composeProject(of, { services: { writer } }, folder);
  // Straight to the engine: relaying so much takes a processor of its own.
  const healer = await atWork(ours, of, folder, { DOCKER_HOST: `unix://${ENGINE_SOCKET}` });
  try {
    await pause(SETTLED);
    const engine = engineProcesses();
    const engineCpu = () => engine.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
    const [before, engineBefore] = [cpuSeconds(healer.pid), engineCpu()];
    writeFileSync(join(gate, 'open'), '');
    const written = containers * lines * seconds;
    const lost = () => counted(healer, 'log_dropped_lines_total');
    const read = await stable(() => counted(healer, 'log_lines_total'), written);
    return {
      written,
      read,
      lost: await lost(),
      gaps: await counted(healer, 'log_gaps_total'),
      cpuSeconds: rounded(cpuSeconds(healer.pid) - before),
      engineCpuSeconds: rounded(engineCpu() - engineBefore),
      memory: memoryOf(healer.pid),
    };
  } finally {
    await healer.stop();
    await down();
  }
}

/** What it comes to: all, or what it is when it has not grown for a while. */
async function stable(look: () => Promise<number>, all: number): Promise<number> {
  let [last, since] = [-1, now()];
  while (last < all && now() - since < 10_000) {
    const seen = await look();
    if (seen !== last) [last, since] = [seen, now()];
    await pause(250);
  }
  return last;
}

async function counted({ address }: Healer, metric: string): Promise<number> {
  const text = await (await fetch(`${address}/metrics`)).text();
  return Number(new RegExp(`^${metric}\\{[^}]*service="writer"[^}]*\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
}

async function main(): Promise<void> {
  if (values.help) {
    console.log(HELP);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'cw-bench-follow-'));
  const removed = async () => rmSync(folder, { recursive: true, force: true });
  undoAtSignal(removed);
  try {
    const ours = watchdog(commandAsInImage(folder));
    console.log(`${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}`);
    const parts = { call: lineToCall, quiet, busy } as const;
    for (const [name, measure] of Object.entries(parts))
      if (values.only.length === 0 || values.only.includes(name))
        console.log(name, JSON.stringify(await measure(ours, folder)));
  } finally {
    await removed();
  }
}

await main();
