import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connectDocker } from '../../watchdog/adapters/docker/connect.ts';
import type { Docker } from '../../watchdog/adapters/docker/docker.ts';
import { hostFiles } from '../../watchdog/adapters/host-files.ts';
import { diskRef } from '../../watchdog/domain/disk.ts';
import { hours } from '../../watchdog/domain/time.ts';
import { type Allowed, cleanup } from '../../watchdog/repair/cleanup.ts';
import { anOrder } from '../fakes/a-service.ts';
import { busyboxImage } from '../images/names.ts';
import { aSecondEngine, type SecondEngine } from './second-engine.ts';

const run = promisify(execFile);
const MIB = 2 ** 20;
const WEEK = hours(24 * 7);

/** A prune goes through a whole engine, so this one is nobody else's. */
let engine: SecondEngine;
let docker: Docker;
/** A disk of 16 MiB. */
let disk: string;

const cli = async (...args: readonly string[]) => (await run('docker', ['-H', engine.host, ...args])).stdout.trim();

/** An image of that name, whose predecessor of the same name loses it. @returns its id */
async function anImage(name: string, content: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'cwt-image-'));
  writeFileSync(join(folder, 'content'), `${name} ${content}`.padEnd(MIB, '.'));
  await run('tar', ['-C', folder, '-cf', join(folder, 'image.tar'), 'content']);
  const id = await cli('import', join(folder, 'image.tar'), name);
  rmSync(folder, { recursive: true });
  return id;
}

const images = async () => (await cli('images', '-aq', '--no-trunc')).split('\n');
const containers = async () => (await cli('ps', '-a', '--format', '{{.Names}}')).split('\n').filter(Boolean).sort();
const networks = async () => (await cli('network', 'ls', '--format', '{{.Name}}')).split('\n');

beforeAll(async () => {
  engine = aSecondEngine();
  await engine.start();
  await engine.load(busyboxImage);
  docker = connectDocker({ host: engine.host, env: {} });
  disk = mkdtempSync(join(tmpdir(), 'cwt-disk-'));
  await run('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'cw-measure', disk]);
});
afterAll(async () => {
  await run('umount', [disk]);
  rmSync(disk, { recursive: true });
  const left = await containers();
  if (left.length > 0) await cli('rm', '-f', ...left);
  await engine.remove();
});

/** `path`: the disk that is low; one beyond its whole size is asked for, unless the test says otherwise. */
async function cleanUp(path: string, allowed: Partial<Allowed['cleanup']> = {}, threshold = 0.999): Promise<string> {
  const nothing = { buildCache: false, danglingImages: false, stoppedContainers: false, systemPrune: false };
  const strategy = cleanup({
    docker,
    files: hostFiles,
    allowed: () => ({ threshold, cleanup: { ...nothing, logsOlderThan: WEEK, logPaths: [], ...allowed } }),
    logFile: () => join(disk, 'logs', 'auto_repair.log'),
    clock: { now: () => Date.now() },
  });
  const { signal } = new AbortController();
  return await strategy.applyToHost({ order: anOrder(diskRef(path)), signal, journal: () => undefined });
}

describe('on a real engine, cleanup', () => {
  test('removes images that nothing needs, and none that a container was made of, running or not', async () => {
    const unused = await anImage('cwt-unused', 'first');
    await anImage('cwt-unused', 'second');
    const used = await anImage('cwt-used', 'first');
    await cli('create', '--name', 'cwt-stopped', 'cwt-used', '/content');
    await anImage('cwt-used', 'second');

    const said = await cleanUp((await docker.host()).rootFolder, { buildCache: true, danglingImages: true });

    expect(said).toMatch(/^removed build cache: 0 B, dangling images: 1(\.\d)? MB/);
    const left = await images();
    expect(left).not.toContain(unused);
    expect(left).toContain(used);
    await cli('rm', 'cwt-stopped');
  });

  test('leaves stopped containers and networks alone, also beside the images, unless that was allowed', async () => {
    await cli('create', '--name', 'cwt-of-nobody', busyboxImage, 'true');
    await cli('create', '--name', 'cwt-of-compose', '--label', 'com.docker.compose.project=shop', busyboxImage, 'true');
    await cli('volume', 'create', 'cwt-volume');
    const root = (await docker.host()).rootFolder;

    await cleanUp(root, { buildCache: true, danglingImages: true });
    expect(await containers()).toEqual(['cwt-of-compose', 'cwt-of-nobody']);

    await cleanUp(root, { stoppedContainers: true });
    expect(await containers()).toEqual(['cwt-of-compose']);
    expect(await networks()).toContain('none');
    expect(await cli('volume', 'ls', '-q')).toContain('cwt-volume');
  });

  test("prunes the system where that was allowed, and still nothing that is Compose's", async () => {
    await cli('create', '--name', 'cwt-of-nobody', busyboxImage, 'true');

    await cleanUp((await docker.host()).rootFolder, { systemPrune: true });

    expect(await containers()).toEqual(['cwt-of-compose']);
    expect(await cli('volume', 'ls', '-q')).toContain('cwt-volume');
  });
});

describe('on a real disk that is full, cleanup', () => {
  test('removes old logs until there is enough, and looks at no image, because they lie elsewhere', async () => {
    const logs = join(disk, 'logs');
    mkdirSync(logs);
    const log = (name: string, size: number, age: number) => {
      writeFileSync(join(logs, name), Buffer.alloc(size));
      utimesSync(join(logs, name), (Date.now() - age) / 1_000, (Date.now() - age) / 1_000);
    };
    log('auto_repair.log', MIB, 2 * WEEK);
    log('auto_repair.log.1', MIB, WEEK / 2);
    log('auto_repair.log.2', 13 * MIB, 2 * WEEK);
    expect((await hostFiles.freeSpace(disk)).free).toBeLessThan(0.1);
    const dangling = await anImage('cwt-elsewhere', 'first');
    await anImage('cwt-elsewhere', 'second');

    const said = await cleanUp(disk, { danglingImages: true }, 0.1);

    expect(said).toBe('removed old logs of our own: 13.6 MB');
    expect((await hostFiles.freeSpace(disk)).free).toBeGreaterThan(0.8);
    expect(
      ['auto_repair.log', 'auto_repair.log.1', 'auto_repair.log.2'].map(name => existsSync(join(logs, name))),
    ).toEqual([true, true, false]);
    expect(await images()).toContain(dangling);
  });
});
