/** share/grafana/: what Grafana's schema says of the dashboards, and what they are to have. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Panel } from '@grafana/schema';
import { describe, expect, jest, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { PROTOCOL_NAMES } from '../../src/events/names.js';
import { ANSWERS } from '../../src/events/types.js';
import { EDGES } from '../../src/metrics/edges.js';
import { SIDES } from '../../src/summary/sides.js';
import {
  DASHBOARDS,
  dashboardText,
  panelsOf,
  readDashboard,
} from '../helpers/documents/dashboards.js';

jest.setTimeout(240_000);

const SCHEMA = 'test/helpers/documents/dashboard-schema.js';

/** @returns what the compiler says of the dashboard */
function complaintsAbout(json: string): string {
  // Where the compiler finds the package.
  mkdirSync(join(repositoryRoot, 'build'), { recursive: true });
  const folder = mkdtempSync(join(repositoryRoot, 'build/grafana-'));
  try {
    const file = join(folder, 'dashboard.ts');
    const schema = relative(folder, join(repositoryRoot, SCHEMA));
    const imports = `import type { DashboardJson } from '${schema}';`;
    writeFileSync(file, `${imports}\nexport const dashboard: DashboardJson = ${json};\n`);
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--types', ''];
    const target = ['--module', 'nodenext', '--target', 'es2022', '--ignoreConfig'];
    const argv = ['tsc', ...options, ...target, file];
    const { stdout, stderr } = spawnSync('npx', argv, { cwd: repositoryRoot, encoding: 'utf8' });
    return stdout + stderr;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe.each(DASHBOARDS)('%s', (name) => {
  const dashboard = readDashboard(name);
  const panels = panelsOf(dashboard);

  test("is valid by Grafana's schema", () => {
    expect(complaintsAbout(dashboardText(name))).toBe('');
  });

  test('panels have ids of their own, say what they show, and lie on the grid without overlaps', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(
      panels.filter(({ title, description }) => !title || !/\.$/.test(description ?? '')),
    ).toEqual([]);
    const cells = panels.flatMap(cellsOf);
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.filter(({ gridPos }) => !gridPos || gridPos.x + gridPos.w > 24)).toEqual([]);
  });

  test('what can be chosen is what there is: each protocol with RTTs, each kind of answer', () => {
    const { dns: _, ...withRtts } = PROTOCOL_NAMES;
    expect(offered(name, 'protocol').map(({ text }) => text)).toEqual(Object.values(withRtts));
    const answers = offered(name, 'answer').map(({ value }) => value);
    expect(answers.sort()).toEqual(['$__all', ...ANSWERS].sort());
  });

  test('each query asks the data source that is chosen', () => {
    const type = name === 'pping-prometheus' ? 'prometheus' : 'grafana-clickhouse-datasource';
    const asked = panels.flatMap((panel) => [panel, ...(panel.targets ?? [])]);
    expect(new Set(asked.map(({ datasource }) => JSON.stringify(datasource)))).toEqual(
      new Set([JSON.stringify({ type, uid: `$\{datasource}` })]),
    );
  });
});

test.each([
  ['"schemaVersion": 39', '"schemaVersion": "39"', "'string' is not assignable to type 'number'"],
  ['"graphTooltip": 1', '"graphTooltip": 7', "'7' is not assignable"],
  ['"repeatDirection": "h"', '"repeatDirection": "x"', `'"x"' is not assignable`],
  ['"drawStyle": "line"', '"drawStyle": "lines"', `'"lines"' is not assignable`],
  ['"scheme": "Oranges"', '"schema": "Oranges"', `'"schema"' does not exist`],
])('the schema is asked: of %s it refuses %s', (from, to, complaint) => {
  const text = dashboardText('pping-prometheus');
  expect(text).toContain(from);
  expect(complaintsAbout(text.replace(from, to))).toContain(complaint);
});

/** On the grid; a panel that is repeated takes whole rows. */
function cellsOf({ gridPos, repeat }: Panel): string[] {
  if (!gridPos) return [];
  const { y, h } = gridPos;
  const { x, w } = repeat === undefined ? gridPos : { x: 0, w: 24 };
  return Array.from({ length: w * h }, (_, at) => `${x + (at % w)} ${y + Math.floor(at / w)}`);
}

/** Of a variable. Grafana itself reads `query`: it has to say the same. */
function offered(name: (typeof DASHBOARDS)[number], variable: string) {
  const found = readDashboard(name).templating?.list?.find((each) => each.name === variable);
  const options = found?.options ?? [];
  const chosen = options.filter(({ value }) => value !== '$__all');
  const asked = String(found?.query)
    .split(', ')
    .map((each) => each.split(' : '));
  expect(asked.map(([text, value = text]) => [text, value])).toEqual(
    chosen.map(({ text, value }) => [text, value]),
  );
  return options;
}

test('in ClickHouse there are RTTs whose side is not known', () => {
  const sides = offered('pping-clickhouse', 'side').map(({ value }) => value);
  expect(sides).toEqual(['$__all', ...SIDES]);
});

test.each([
  ['pping-prometheus', 'answer=~"$answer|"', 'protocol="QUIC",answer="data"'],
  [
    'pping-clickhouse',
    'answer IN ($' + '{answer:sqlstring})',
    "OR protocol = 'QUIC' AND answer = 'data')",
  ],
] as const)(
  '%s: where answers are chosen, those of the spin bit are there',
  (name, chosen, spin) => {
    const asked = panelsOf(readDashboard(name)).flatMap(({ targets = [] }) =>
      targets.map(({ expr, rawSql }) => String(expr ?? rawSql)),
    );
    const queries = asked.filter((query) => query.includes(chosen));
    expect(queries.length).toBeGreaterThan(5);
    for (const query of queries) {
      expect(query.split(spin)).toHaveLength(query.split(chosen).length);
    }
  },
);

test('how many connections of QUIC spin is in the dashboard for Prometheus', () => {
  const text = dashboardText('pping-prometheus');
  for (const name of ['pping_quic_connections{', 'pping_quic_connections_ended_total{'])
    expect(text).toContain(name);
});

test('each threshold is an edge of the buckets', () => {
  const thresholds = (name: (typeof DASHBOARDS)[number]) =>
    offered(name, 'threshold').map(({ text, value }) => ({ text, value: Number(value) }));
  const seconds = thresholds('pping-prometheus');
  expect(seconds.length).toBeGreaterThan(8);
  const edges = EDGES.map((edge) => edge / 1e9);
  expect(seconds.filter(({ value }) => !edges.includes(value))).toEqual([]);
  expect(thresholds('pping-clickhouse')).toEqual(
    seconds.map(({ text, value }) => ({ text, value: Math.round(value * 1e9) })),
  );
});

test('the heatmaps of ClickHouse have the edges that those of Prometheus have', () => {
  const heatmaps = panelsOf(readDashboard('pping-clickhouse')).filter(
    ({ type }) => type === 'heatmap',
  );
  expect(heatmaps).toHaveLength(2);
  for (const { targets = [] } of heatmaps) {
    const edges = String(targets[0]?.rawSql).matchAll(/AS "([\d.]+)"/g);
    expect(Array.from(edges, ([, edge]) => Number(edge))).toEqual(EDGES.map((edge) => edge / 1e9));
  }
});
