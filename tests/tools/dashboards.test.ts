import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { DASHBOARDS, textOf } from '../../tools/dashboards/all.ts';
import { codeIn, tableIn } from '../markdown.ts';

const FOLDER = 'monitoring/grafana/dashboards';
const PAGE = 'docs/dashboards.md';

/** Of Grafana itself: no plugin has to be installed. */
const KINDS = ['bargauge', 'stat', 'state-timeline', 'table', 'timeseries'];

interface Target {
  readonly expr: string;
  readonly refId: string;
  readonly datasource: object;
}

const dashboards = Object.entries(DASHBOARDS);
const panelsOf = ({ panels = [] }: Dashboard): Panel[] => panels.filter((each): each is Panel => each.type !== 'row');
const targetsOf = ({ targets = [] }: Panel) => targets as unknown as Target[];
const panels = dashboards.flatMap(([file, dashboard]) =>
  panelsOf(dashboard).map(panel => [`${file}: ${panel.title}`, panel] as const),
);

/** `a-title` of `A Title`: as Grafana makes it for an address, of plain words (pkg/infra/slugify). */
const slugOf = (title: string): string => title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');

describe('the dashboards that Grafana reads', () => {
  test('are all there, and no other', () => {
    expect(readdirSync(FOLDER).sort()).toEqual(Object.keys(DASHBOARDS).sort());
  });

  test.each(dashboards)('%s is what the code says now; if not, run: npm run dashboards', (file, dashboard) => {
    expect(readFileSync(join(FOLDER, file), 'utf8')).toBe(textOf(dashboard));
  });

  test('stand at addresses that people may keep', () => {
    const addresses = dashboards.map(([, { uid = '', title = '' }]) => `/d/${uid}/${slugOf(title)}`);

    expect(addresses).toEqual(['/d/auto-repair/auto-repair-system', '/d/scaling/scaling', '/d/watchdog/watchdog']);
  });

  test('are found where the stack mounts them, by a datasource of the uid that they ask for', () => {
    const provisioning = 'monitoring/grafana/provisioning';
    const read = (file: string) => parse(readFileSync(join(provisioning, file), 'utf8'));
    const { volumes } = parse(readFileSync('compose/compose.yaml', 'utf8')).services.grafana;

    const [{ options }] = read('dashboards/compose-watchdog.yml').providers;
    const [{ uid, url }] = read('datasources/prometheus.yml').datasources;

    expect(volumes).toContain(`../${FOLDER}:${options.path}:ro`);
    expect(volumes).toContain(`../${provisioning}:/etc/grafana/provisioning:ro`);
    expect(url).toBe('http://prometheus:9090');
    for (const [, { templating }] of dashboards) {
      const [datasource] = templating?.list ?? [];
      expect(datasource).toMatchObject({ name: 'datasource', type: 'datasource', current: { value: uid } });
    }
  });
});

describe.each(dashboards)('%s', (_, dashboard) => {
  test('numbers its panels and rows, each once', () => {
    const ids = (dashboard.panels ?? []).map(({ id }) => id);

    expect(ids).toEqual(ids.map((_id, index) => index + 1));
  });

  test('puts no panel over another, nor beyond the 24 columns', () => {
    const taken = new Map<string, string>();
    for (const { title = '', gridPos } of dashboard.panels ?? []) {
      const { x, y, w, h } = gridPos ?? { x: 0, y: 0, w: 0, h: 0 };
      expect(w > 0 && h > 0 && x + w <= 24).toBe(true);
      for (let column = x; column < x + w; column += 1) {
        for (let line = y; line < y + h; line += 1) {
          expect(`${title} over ${taken.get(`${column}/${line}`)}`).toBe(`${title} over undefined`);
          taken.set(`${column}/${line}`, title);
        }
      }
    }
  });

  test('uses only variables that it has, and Grafana’s own', () => {
    const known = new Set(dashboard.templating?.list?.map(({ name }) => name));
    const used = [...JSON.stringify(dashboard).matchAll(/\$\{?([a-zA-Z]\w*)/g)].map(([, name]) => name ?? '');

    expect(used.filter(name => !known.has(name))).toEqual([]);
  });

  test('leads to the others, and to the watchdog', () => {
    expect(dashboard.links).toMatchObject([
      { type: 'dashboards', tags: ['compose-watchdog'] },
      { type: 'link', url: '$watchdog/healthz' },
    ]);
    expect(dashboard.tags).toEqual(['compose-watchdog']);
  });

  test('marks moments by the time that the metric tells', () => {
    const marks = dashboard.annotations?.list ?? [];

    expect(marks.length).toBeGreaterThan(0);
    for (const mark of marks) expect(mark).toMatchObject({ useValueForTime: true, datasource: { uid: '$datasource' } });
  });
});

describe.each(panels)('%s', (_, panel) => {
  test('says in a sentence what it answers, in which unit, and what it shows when there is nothing', () => {
    expect(panel.description).toMatch(/^[A-Z`].{20,}[.?]$/);
    expect(panel.fieldConfig?.defaults).toMatchObject({ unit: expect.any(String), noValue: expect.any(String) });
  });

  test('is of a kind that Grafana has without a plugin, and asks the datasource that was chosen', () => {
    expect(KINDS).toContain(panel.type);
    expect(panel.datasource).toEqual({ type: 'prometheus', uid: '$datasource' });
    expect(targetsOf(panel).length).toBeGreaterThan(0);
    for (const { datasource } of targetsOf(panel))
      expect(datasource).toEqual({ type: 'prometheus', uid: '$datasource' });
  });

  test('names its queries apart', () => {
    const names = targetsOf(panel).map(({ refId }) => refId);

    expect(new Set(names).size).toBe(names.length);
  });
});

test('docs/dashboards.md has every panel and no other, in order', () => {
  const said = tableIn(PAGE, 'panel').map(({ panel = '' }) => panel);

  expect(said).toEqual(panels.map(([, { title }]) => title));
});

test('the dashboards ask for no metric that docs/metrics.md does not name', () => {
  const named = new Set(tableIn('docs/metrics.md', 'metric').flatMap(({ metric = '' }) => codeIn(metric)));
  const metrics = panels.flatMap(([, panel]) =>
    targetsOf(panel).flatMap(({ expr }) => expr.match(/\b(service|repair|watchdog|process|nodejs|host)_\w+/g) ?? []),
  );

  const unknown = metrics.filter(
    metric => !named.has(metric) && !named.has(metric.replace(/_(bucket|sum|count)$/, '')),
  );
  expect(unknown.filter(metric => metric !== 'host')).toEqual([]);
});
