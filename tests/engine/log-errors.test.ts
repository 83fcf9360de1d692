import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { openLedger } from '../../watchdog/record/ledger/open-ledger.ts';
import { busyboxImage } from '../images/names.ts';
import { aProject, type Project } from './harness.ts';
import { aWatchdogProcess, type WatchdogProcess } from './watchdog-process.ts';

const TAKEN = 'Error: listen EADDRINUSE: address already in use :::8080';

let project: Project;
let watchdog: WatchdogProcess;
afterEach(async () => {
  await watchdog.close();
  await project.tearDown();
});

/** As the service's own program writes: its standard output is that of process 1. */
const write = (line: string) => project.exec('till', 'sh', '-c', 'echo "$0" > /proc/1/fd/1', line);

async function counted(metric: string): Promise<number> {
  const { text } = await watchdog.get('/metrics');
  const labels = `project="${project.name}",service="till"`;
  return Number(new RegExp(`^${metric}\\{${labels}[^}]*\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
}

/** Of a watchdog that has ended. */
function kept() {
  const nothing = () => undefined;
  const logger = { error: nothing, warn: nothing, info: nothing, debug: nothing };
  const { ledger, logs } = openLedger(join(watchdog.folder, 'ledger.sqlite'), { logger });
  const { items } = logs.errors({ limit: 50 });
  ledger.close();
  return items;
}

/** Somebody who watches the log of the till: from when this resolves on, nothing is missed. */
async function aViewer() {
  const token = (await readFile(join(watchdog.folder, 'token'), 'utf8')).trim();
  const name = (await project.container('till')).Name.slice(1);
  const leaving = new AbortController();
  const response = await fetch(`http://127.0.0.1:${watchdog.port()}/api/docker/logs/${name}/stream`, {
    headers: { authorization: `Bearer ${token}` },
    signal: leaving.signal,
  });
  if (response.body === null || !response.ok) throw new Error(`the log is not shown: ${response.status}`);
  let text = '';
  const read = async (body: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const piece of body.pipeThrough(new TextDecoderStream())) text += piece;
  };
  const ended = read(response.body).catch(() => undefined);
  return {
    lines: () => [...text.matchAll(/^event: line\ndata: (.*)\n\n/gm)].map(([, data]) => JSON.parse(data ?? '')),
    leave: async () => {
      leaving.abort();
      await ended;
    },
  };
}

test('an error that a container writes is counted and kept, and read on after a restart of the watchdog, each once', async () => {
  project = aProject(
    `services:\n  till: { image: ${busyboxImage}, command: ["sh", "-c", "echo ready; sleep 100000"], stop_grace_period: 0s }\n`,
  );
  await project.compose('up', '-d');
  watchdog = await aWatchdogProcess({ WATCHDOG_PROJECTS: project.name, WATCHDOG_INTERVAL: '1s' });

  await watchdog.start();
  await watchdog.until('the log is read', () => counted('log_lines_total'));
  await write(TAKEN);
  await watchdog.until('the error is counted', () => counted('container_errors_total'));
  await watchdog.stop();

  expect(kept()).toMatchObject([{ service: 'till', type: 'PORT_CONFLICT', count: 1, sample: TAKEN }]);

  // Nobody reads while this is written.
  await write(TAKEN);
  await watchdog.start();
  await watchdog.until('the error is counted', () => counted('container_errors_total'));
  await watchdog.stop();

  expect(kept()).toMatchObject([{ service: 'till', type: 'PORT_CONFLICT', count: 2 }]);
});

test('whoever watches its log sees what a container writes, errors marked and secrets hidden, by one follow for all', async () => {
  project = aProject(
    `services:\n  till: { image: ${busyboxImage}, command: ["sh", "-c", "echo ready; sleep 100000"], stop_grace_period: 0s }\n`,
  );
  await project.compose('up', '-d');
  watchdog = await aWatchdogProcess({ WATCHDOG_PROJECTS: project.name, WATCHDOG_INTERVAL: '1s' });
  await watchdog.start();
  await watchdog.until('the log is read', () => counted('log_lines_total'));

  const viewers = [await aViewer(), await aViewer()];
  await write('login with password=hunter2');
  await write(TAKEN);

  const shown = viewers.map(({ lines }) =>
    watchdog.until('both lines are shown', () => lines().length === 2 && lines()),
  );
  for (const lines of await Promise.all(shown))
    expect(lines).toMatchObject([
      { stream: 'stdout', text: 'login with password=***' },
      { text: TAKEN, error: { type: 'PORT_CONFLICT' } },
    ]);
  for (const { leave } of viewers) await leave();
});
