import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Finding } from '../../watchdog/domain/finding.ts';
import type { HowMade } from '../../watchdog/domain/making.ts';
import type { Reading, Scaling } from '../../watchdog/domain/scaling.ts';
import { nameOf, type Service, type ServiceRef } from '../../watchdog/domain/service.ts';
import type { LoadReading } from '../../watchdog/domain/size.ts';
import type { Stack } from '../../watchdog/domain/stack.ts';
import { seconds } from '../../watchdog/domain/time.ts';
import { LoadSensor, type LoadTools } from '../../watchdog/observe/load-sensor.ts';
import { aScaling, number, queue } from '../fakes/a-scaling.ts';
import { aReplica, aService, aStack, NOON } from '../fakes/a-service.ts';
import { FakeClock, settled } from '../fakes/fake-clock.ts';

const MADE: HowMade = {
  image: 'shop/worker:3',
  ownName: undefined,
  published: [],
  staticAddresses: [],
  sharedNetwork: undefined,
  sharedProcesses: undefined,
  exposes: [],
  mounts: [],
  autoRemove: false,
};
const WEB = { project: 'shop', service: 'web' };
const named = (service: string): Service => aService({ service, replicas: [aReplica({ service })] });

/** A sensor over these services, all of them scaled, and what it did. */
class Bench {
  stack: Stack = aStack([aService()]);
  readonly clock = new FakeClock();
  readonly weighed: LoadReading[] = [];
  readonly findings: Finding[] = [];
  readonly errors: string[] = [];
  readonly asked: string[] = [];
  scaled: readonly ServiceRef[] = [];
  worthALook = true;
  isScaled: (service: Service) => boolean = () => true;
  read: (ref: ServiceRef) => Promise<readonly (Reading | undefined)[]> = async () => [number(7)];
  howMade: (id: string) => Promise<HowMade | undefined> = async () => MADE;

  sensor(differing: Partial<LoadTools> = {}): LoadSensor {
    const scaling: Scaling = aScaling({ metrics: [queue(100)] });
    return new LoadSensor({
      stack: { ...this.stack, service: ref => this.stack.service(ref), services: name => this.stack.services(name) },
      scalingOf: service => (this.isScaled(service) ? scaling : undefined),
      reader: { read: ref => this.read(ref) },
      docker: {
        howMade: (id: string) => {
          this.asked.push(id);
          return this.howMade(id);
        },
      },
      selfId: undefined,
      weigh: (_, reading) => {
        this.weighed.push(reading);
        return this.worthALook;
      },
      passed: services => {
        this.scaled = services;
      },
      interval: () => seconds(15),
      emit: finding => this.findings.push(finding),
      clock: this.clock,
      logger: { error: message => this.errors.push(message), debug: () => undefined },
      ...differing,
    });
  }
}

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});

describe('a pass', () => {
  test('hands on what was read and how the service is made, and asks for a look where that is worth one', async () => {
    await bench.sensor().read();

    const [reading] = bench.weighed;
    expect(reading).toMatchObject({ elsewhere: [number(7)], making: { ...MADE, ourselves: false, oneShot: false } });
    expect(bench.findings).toMatchObject([{ kind: 'load', source: 'load', target: WEB }]);
  });

  test('asks for no look where nothing is new', async () => {
    bench.worthALook = false;

    await bench.sensor().read();

    expect([bench.weighed.length, bench.findings]).toEqual([1, []]);
  });

  test('reads nothing of services that are not scaled, and says which are', async () => {
    bench.stack = aStack([named('web'), named('api'), named('db')]);
    bench.isScaled = ({ service }) => service !== 'db';
    const read: string[] = [];
    bench.read = async ref => {
      read.push(nameOf(ref));
      return [];
    };

    await bench.sensor().read();

    expect(read.sort()).toEqual(['shop/api', 'shop/web']);
    expect(bench.scaled.map(nameOf).sort()).toEqual(['shop/api', 'shop/web']);
  });

  test('weighs who stands there when the answer comes, and nothing where nobody does any more', async () => {
    bench.read = async () => {
      bench.stack = aStack([]);
      return [number(7)];
    };

    await bench.sensor().read();

    expect(bench.weighed).toEqual([]);
  });

  test('asks at most sixteen at once, and each of them in the end', async () => {
    bench.stack = aStack(Array.from({ length: 40 }, (_, at) => named(`s${at}`)));
    let [now, most] = [0, 0];
    bench.read = async () => {
      now += 1;
      most = Math.max(most, now);
      await settled();
      now -= 1;
      return [];
    };

    await bench.sensor().read();

    expect([most, bench.weighed.length]).toEqual([16, 40]);
  });

  test('goes on with the others where weighing one fails, and says so', async () => {
    bench.stack = aStack([named('web'), named('api')]);
    let failed = false;
    const sensor = bench.sensor({
      weigh: (_, reading) => {
        if (!failed) {
          failed = true;
          throw new Error('the ledger cannot be written');
        }
        bench.weighed.push(reading);
        return true;
      },
    });

    await sensor.read();

    expect(bench.weighed).toHaveLength(1);
    expect(bench.errors).toEqual(['the load of a service could not be weighed']);
  });

  test('outlives a ledger that cannot be written, and says so', async () => {
    const sensor = bench.sensor({
      passed: () => {
        throw new Error('database or disk is full');
      },
    });

    await sensor.read();

    expect(bench.errors).toEqual(['the loads of services could not be remembered']);
  });

  test('weighs nothing any more once the watchdog is told to stop', async () => {
    const stop = new AbortController();
    bench.read = async () => {
      stop.abort();
      return [number(7)];
    };

    await bench.sensor().read(stop.signal);

    expect([bench.weighed, bench.errors]).toEqual([[], []]);
  });
});

describe('how a service is made', () => {
  const making = () => bench.weighed.at(-1)?.making;

  test('is asked of the engine once for each first container', async () => {
    const sensor = bench.sensor();
    await sensor.read();
    await sensor.read();
    bench.stack = aStack([aService({ replicas: [aReplica({ id: 'another' })] })]);
    await sensor.read();

    expect(bench.asked).toEqual(['shop-web-1-id', 'another']);
  });

  test('is asked anew of one that came back after it was not scaled for a while', async () => {
    const sensor = bench.sensor();
    await sensor.read();
    bench.isScaled = () => false;
    await sensor.read();
    bench.isScaled = () => true;
    await sensor.read();

    expect(bench.asked).toHaveLength(2);
  });

  test.each<[string, () => Promise<HowMade | undefined>]>([
    ['does not answer', () => Promise.reject(new Error('connect ECONNREFUSED'))],
    ['knows no such container any more', async () => undefined],
  ])('is not known while the engine %s, which holds up nothing, and is asked again', async (_, howMade) => {
    const sensor = bench.sensor();
    bench.howMade = howMade;
    await sensor.read();
    expect([bench.weighed.length, making()]).toEqual([1, undefined]);

    bench.howMade = async () => MADE;
    await sensor.read();
    expect(making()).toMatchObject(MADE);
  });

  test('tells the watchdog itself, a one-shot, and the name of the container whose network it shares', async () => {
    const vpn = named('vpn');
    const waits = aService({
      service: 'waits',
      dependencies: [{ service: 'web', condition: 'completed', restart: false }],
    });
    bench.stack = aStack([aService(), vpn, waits]);
    bench.howMade = async () => ({ ...MADE, sharedNetwork: vpn.replicas[0]?.id });
    bench.isScaled = ({ service }) => service === 'web';

    await bench.sensor({ selfId: 'shop-web-1-id' }).read();

    expect(making()).toMatchObject({ ourselves: true, oneShot: true, sharedNetwork: 'shop-vpn-1' });
  });
});

test('reads at once, then once an interval, until it is told to stop', async () => {
  const stop = new AbortController();
  const running = bench.sensor().run(stop.signal);
  await settled();
  expect(bench.weighed).toHaveLength(1);

  await bench.clock.advance(seconds(14));
  expect(bench.weighed).toHaveLength(1);
  await bench.clock.advance(seconds(31));
  expect(bench.weighed).toHaveLength(4);
  expect(bench.weighed.map(({ at }) => at - (bench.weighed[0]?.at ?? NOON))).toEqual([0, 15, 30, 45].map(seconds));

  stop.abort();
  await running;
});
