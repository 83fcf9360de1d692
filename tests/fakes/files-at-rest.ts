import { type BackupStore, backupStore } from '../../watchdog/adapters/backup-store.ts';
import type { Helped } from '../../watchdog/adapters/docker/docker.ts';
import type { Mounted } from '../../watchdog/domain/making.ts';
import type { JournalStep, Order } from '../../watchdog/domain/repair.ts';
import type { AtRestNeeds } from '../../watchdog/repair/at-rest.ts';
import { Backups } from '../../watchdog/repair/backups.ts';
import { aWork } from './a-work.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeEngine } from './fake-engine.ts';
import { ROOMY } from './needs.ts';

export const DATA: Mounted = { type: 'volume', source: 'shop_data', target: '/data', anonymous: false, writable: true };

/** A container with a volume, helpers that find in it what a test says, and a place for its backups. */
export class FilesAtRest {
  readonly engine: FakeEngine;
  readonly store: BackupStore;
  readonly needs: AtRestNeeds;
  /** What a helper says to a command, by its beginning; the longest counts. Others end with 0 and say nothing. */
  readonly says = new Map<string, Partial<Helped> | (() => Partial<Helped>)>();

  constructor(folder: string) {
    const clock = new FakeClock();
    this.engine = new FakeEngine(clock);
    this.store = backupStore(folder);
    const { docker } = this.engine;
    const allowed = () => ({ keep: 5, maxBytes: 1_000_000 });
    const backups = new Backups({ docker, store: this.store, clock, allowed, freeSpace: async () => ROOMY });
    this.needs = { docker, backups };
    this.engine.helper = async ({ argv }) => ({ exitCode: 0, said: '', ...this.#answer(argv.join(' ')) });
    this.engine.up({ service: 'db' });
    this.mount(DATA);
    this.engine.files.set('shop-db-1 /data/.', 'a tar');
  }

  mount(...mounts: readonly Mounted[]): void {
    for (const container of this.engine.containersOf('db')) container.howMade = { mounts };
  }

  async work(order: Partial<Order> = {}) {
    const target = await this.engine.docker.inspect('shop-db-1');
    if (target === undefined) throw new Error('there is no shop-db-1');
    this.engine.calls.length = 0;
    return aWork(target, { service: 'db', with: {}, ...order });
  }

  /** What was done, reads left out. */
  get deeds(): readonly string[] {
    return this.engine.calls.filter(call => !/^(howMade|inspect|usersOf|archive)/.test(call));
  }

  #answer(line: string): Partial<Helped> {
    const [, answer] =
      [...this.says]
        .filter(([beginning]) => line.startsWith(beginning))
        .toSorted(([a], [b]) => b.length - a.length)[0] ?? [];
    return typeof answer === 'function' ? answer() : (answer ?? {});
  }
}

/** As if the watchdog had died right after that step. */
export const upTo = (steps: readonly JournalStep[], last: string): readonly JournalStep[] =>
  steps.slice(0, steps.findIndex(({ step }) => step === last) + 1);
