// A watchdog in a process of its own that can be killed at any instant of a repair. Run by crash.test.ts:
//   node mortal-watchdog.ts PROJECT LEDGER FOLDER STRATEGY DIE_AT
// It counts what it writes into the journal and what the engine has done for it, and dies by SIGKILL right after the DIE_AT-th
// of these (0: never). It says on stdout what each one was, and each piece of news.

import { backupFolder, backupStore } from '../../watchdog/adapters/backup-store.ts';
import { systemClock } from '../../watchdog/adapters/clock.ts';
import { connectDocker } from '../../watchdog/adapters/docker/connect.ts';
import type { Docker } from '../../watchdog/adapters/docker/docker.ts';
import { hostFiles } from '../../watchdog/adapters/host-files.ts';
import { redisListLength } from '../../watchdog/adapters/redis-list.ts';
import { assemble } from '../../watchdog/assemble.ts';
import { NO_ALERTS } from '../../watchdog/domain/alert.ts';
import type { Ledger } from '../../watchdog/record/ledger/ledger.ts';
import { openLedger } from '../../watchdog/record/ledger/open-ledger.ts';
import { settingsFor } from './watched.ts';

const [project = '', ledgerFile = '', folder = '', strategy = '', dieAt = '0'] = process.argv.slice(2);
let instants = 0;

/** Written synchronously: what was said before a SIGKILL must have been heard. */
function say(word: string): void {
  process.stdout.write(`${word}\n`);
}

function instant(what: string): void {
  instants += 1;
  say(`instant ${instants} ${what}`);
  if (instants === Number(dieAt)) process.kill(process.pid, 'SIGKILL');
}

const JOURNAL = ['beginRepair', 'noteStep', 'noteActed', 'endRepair'] as const;
const CHANGES = ['create', 'start', 'stop', 'restart', 'rename', 'remove'] as const;

function mortalLedger(ledger: Ledger): Ledger {
  const mortal = { ...ledger };
  for (const name of JOURNAL) {
    const write = ledger[name] as (...values: unknown[]) => unknown;
    Object.assign(mortal, {
      [name]: (...values: unknown[]) => {
        const answer = write(...values);
        instant(`after ${name}${name === 'noteStep' ? ` ${String(values[1])}` : ''}`);
        return answer;
      },
    });
  }
  return mortal;
}

function mortalDocker(docker: Docker): Docker {
  const mortal = { ...docker };
  for (const name of CHANGES) {
    const change = docker[name] as (...values: unknown[]) => Promise<unknown>;
    Object.assign(mortal, {
      [name]: async (...values: unknown[]) => {
        const answer = await change(...values);
        instant(`after ${name}`);
        return answer;
      },
    });
  }
  return mortal;
}

const playbook = `name: unhealthy\ncondition: unhealthy\nladder: [{ strategy: ${strategy} }]\n`;
const options = {
  projects: [project],
  env: { MAX_RESTART_ATTEMPTS: '1000' },
  playbooks: { 'unhealthy.yml': playbook },
};
const settings = settingsFor(options, folder);
const logger = { error: say, warn: say, info: () => undefined, debug: () => undefined };
const { ledger } = openLedger(ledgerFile, { logger });
const docker = connectDocker({ host: process.env.DOCKER_HOST, env: process.env });
const watchdog = await assemble({
  settings: () => settings,
  read: docker,
  act: mortalDocker(docker),
  ledger: mortalLedger(ledger),
  alerts: NO_ALERTS,
  files: hostFiles,
  backups: backupStore(backupFolder(settings.dataFolder)),
  queues: redisListLength,
  logs: undefined,
  query: () => undefined,
  scope: { projects: [project], selfId: undefined },
  metrics: { roundTook: () => undefined, eventGap: () => undefined, oomKilled: () => undefined },
  report: news => say(`news ${news.type}`),
  clock: systemClock,
  random: () => 0,
  logger,
});
const over = new AbortController();
process.once('SIGTERM', () => over.abort());
await watchdog.run(over.signal);
