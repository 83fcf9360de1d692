import { describe, expect, test } from '@jest/globals';
import { jsonLine, textLine } from '../../watchdog/adapters/log-lines.ts';
import { STEERING } from '../../watchdog/domain/steering.ts';
import { beside } from '../cli/a-terminal.ts';
import {
  aDecision,
  anExplanation,
  anIncident,
  aRepair,
  aReport,
  aServiceView,
  FakeRecords,
  FakeView,
} from '../fakes/watchdog-view.ts';

// What a container, an alert or a label may say, and nobody's terminal may do: clear the screen, retitle the window, write to
// the clipboard, hide what follows, forge a line, turn the direction of writing.
const EVIL =
  'a\u001b[2Jb\u001b]0;owned\u0007c\u001b]52;c;cm0gLXJm\u0007d\u009b31me\rforged\u0000\u0008f\u202eg\u2066h\u061ci\u2028j\u007fk';

/** Steering characters that are left, apart from what ends our own lines. */
const left = (text: string): string[] => text.match(STEERING)?.filter(found => found !== '\n') ?? [];

function aHostileWatchdog() {
  const view = new FakeView();
  const service = aServiceView();
  view.known = [
    aServiceView({
      problems: [EVIL],
      scaling: { now: undefined, problems: [EVIL] },
      openIncident: { id: '7', condition: EVIL, state: 'escalated', because: EVIL, openedAt: 0 },
      nextAction: { verdict: 'stand-back', code: EVIL, because: EVIL, strategy: EVIL, until: undefined },
      replicas: service.replicas.map(replica => ({
        ...replica,
        name: EVIL,
        lastProbe: { at: 0, exitCode: 1, output: EVIL },
      })),
      policy: { cooldown: { value: EVIL, origin: EVIL } },
    }),
    aServiceView({ project: EVIL, service: EVIL, pause: { by: 'person', until: undefined, reason: EVIL } }),
  ];
  view.health = { ok: false, because: EVIL, checks: { [EVIL]: EVIL } };
  view.wishAnswer = { verdict: 'accepted', because: EVIL, incidentId: '7' };
  const incident = anIncident({
    because: EVIL,
    evidence: { [EVIL]: EVIL },
    patients: [{ id: '0', name: EVIL, number: 1 }],
  });
  view.explanation = { ...anExplanation('cooldown'), diagnosis: { verdict: 'incident', incident } };
  const records = new FakeRecords();
  records.repairs = () => ({ items: [aRepair({ because: EVIL, service: EVIL })], next: undefined });
  records.decisions = () => ({ items: [aDecision({ because: EVIL, service: EVIL, code: EVIL })], next: undefined });
  records.report = () =>
    aReport({
      recommendations: [{ rule: 'repaired-often', services: [{ project: EVIL, service: EVIL }], text: EVIL }],
    });
  records.list = [anIncident({ because: EVIL, project: EVIL, service: EVIL })];
  return { view, records };
}

describe('what is foreign in it steers no terminal, in', () => {
  test.each([
    ['status'],
    ['explain', 'web'],
    ['repair', 'web'],
    ['resume', 'web'],
    ['pause', 'web', '--for', '5m'],
    ['history'],
    ['history', '--decisions'],
    ['incidents'],
    ['scale'],
    ['report'],
    ['repair', EVIL],
    ['explain', 'nobody', '--project', EVIL],
    [EVIL],
    ['status', `--${EVIL}`],
  ])('watchdog %s', async (...args: string[]) => {
    const inWords = await beside(aHostileWatchdog(), ...args);
    const asJson = await beside(aHostileWatchdog(), ...args, '--json');

    const said = [inWords.out, inWords.err, asJson.out, asJson.err];
    expect(said.join()).toContain('owned');
    expect(said.map(left)).toEqual([[], [], [], []]);
  });

  test.each([
    ['text', textLine],
    ['JSON', jsonLine],
  ])('a log line as %s', (_, line) => {
    const values = {
      service: EVIL,
      because: `${EVIL}\n2026-01-01T00:00:00.000Z info  all is well`,
      list: [EVIL],
      [EVIL]: 1,
    };

    expect(line({ time: '2026-01-31T12:00:00.000Z', level: 'warn', message: EVIL, values }).match(STEERING)).toBeNull();
  });
});

test('JSON for programs says the same, spelled out', async () => {
  const { out } = await beside(aHostileWatchdog(), 'status', '--json');

  expect(JSON.parse(out).items[0].problems).toEqual([EVIL]);
});
