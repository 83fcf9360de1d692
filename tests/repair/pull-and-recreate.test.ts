import { beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../watchdog/adapters/clock.ts';
import type { Replica } from '../../watchdog/domain/service.ts';
import { pullAndRecreate } from '../../watchdog/repair/pull-and-recreate.ts';
import { aWork } from '../fakes/a-work.ts';
import { engineSays, FakeEngine } from '../fakes/fake-engine.ts';

const forever = new AbortController().signal;
let engine: FakeEngine;
let target: Replica;

beforeEach(async () => {
  engine = new FakeEngine(systemClock);
  target = (await engine.docker.inspect(engine.up())) as Replica;
  engine.calls.length = 0;
});

const strategy = () => pullAndRecreate(engine.docker);
const madeOf = (image: string) => Object.assign(engine.container(target.id)?.howMade ?? {}, { image });

describe('pull and recreate', () => {
  test('fetches the image while the container goes on, then makes it again of the newest one', async () => {
    const asked: unknown[] = [];
    const docker: typeof engine.docker = {
      ...engine.docker,
      blueprint: async (id, signal, change) => {
        asked.push(change);
        return engine.docker.blueprint(id, signal, change);
      },
    };

    const newId = await pullAndRecreate(docker).apply(aWork(target));

    expect(engine.calls.filter(call => /^(pull|create|stop|start)/.test(call))).toEqual([
      'pull web:latest',
      expect.stringMatching(/^create /),
      'stop shop-web-1',
      'start shop-web-1',
    ]);
    expect(asked).toEqual([{ image: 'newest' }]);
    expect(newId).not.toBe(target.id);
  });

  test('touches nothing where there is no such image to be had', async () => {
    engine.mishap('pull', { error: engineSays('not-found', 'pull access denied for web'), done: false });
    const work = aWork(target);

    await expect(strategy().apply(work)).rejects.toThrow('pull access denied');

    expect(await strategy().undo?.(work.steps, forever)).toBeUndefined();
    expect(engine.count('create') + engine.count('stop')).toBe(0);
  });

  test('puts the old container back where the new image is no better', async () => {
    const work = aWork(target);
    await strategy().apply(work);

    expect(await strategy().undo?.(work.steps, forever)).toBe('the old container is back');
    expect(await engine.docker.inspect('shop-web-1')).toMatchObject({ id: target.id, state: 'running' });
  });

  test('is refused for an image that has no name', async () => {
    madeOf('sha256:0815');

    await expect(strategy().apply(aWork(target))).rejects.toThrow('an image without a name');
    expect(engine.count('pull')).toBe(0);
  });

  test('that died over its pull has left nothing to finish', async () => {
    engine.mishap('pull', { error: engineSays('aborted'), done: true });
    const work = aWork(target);
    await expect(strategy().apply(work)).rejects.toThrow();

    expect(await strategy().recover?.(work.steps, forever, work.journal)).toBe('nothing had been done yet');
  });
});
