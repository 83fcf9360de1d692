import { describe, expect, test } from '@jest/globals';
import { allowedBeforehand } from '../../watchdog/config/approvals.ts';
import { settingsInForce } from '../../watchdog/config/describe.ts';
import { loadSettings } from '../../watchdog/config/load-settings.ts';

const load = (yaml: string) => loadSettings({ env: {}, readFile: () => yaml, inContainer: true });
const ref = (project: string, service: string) => ({ project, service });

describe('the section approvals', () => {
  test('allows nothing where it is left out, and waits a day', () => {
    expect(load('').settings.approvals).toEqual({ wait: 86_400_000, allow: {} });
  });

  test('allows a strategy for a service of any project, of one, or for all', () => {
    const { settings, problems } = load(`
approvals:
  allow:
    mend: [web, shop/db]
    wipe: "*"
`);

    expect(problems).toEqual([]);
    expect(allowedBeforehand(settings.approvals, ref('shop', 'web'))).toEqual(['mend', 'wipe']);
    expect(allowedBeforehand(settings.approvals, ref('shop', 'db'))).toEqual(['mend', 'wipe']);
    expect(allowedBeforehand(settings.approvals, ref('lab', 'db'))).toEqual(['wipe']);
    expect(allowedBeforehand(settings.approvals, ref('lab', 'constructor'))).toEqual(['wipe']);
    const shown = settingsInForce(settings).filter(({ name }) => name.startsWith('approvals.'));
    expect(shown.map(({ name, value, origin }) => `${name} ${value} ${origin}`)).toEqual([
      'approvals.wait 1d default',
      'approvals.allow.mend web, shop/db watchdog.yml:4',
      'approvals.allow.wipe * watchdog.yml:5',
    ]);
  });

  test.each([
    'approvals: { wait: 5s }',
    'approvals: { allow: { "A b": [web] } }',
    'approvals: { allow: { mend: ["a b"] } }',
  ])('refuses %s', yaml => {
    expect(load(yaml).problems).toHaveLength(1);
  });
});
