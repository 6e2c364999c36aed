/** Grafana's dashboards in share/grafana/, and their queries as Grafana asks them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dashboard, Panel, VariableModel } from '@grafana/schema';
import { repositoryRoot } from '../../../lab/places.js';

export const DASHBOARDS = ['pping-prometheus', 'pping-clickhouse'] as const;

export function dashboardText(name: (typeof DASHBOARDS)[number]): string {
  return readFileSync(join(repositoryRoot, `share/grafana/${name}.json`), 'utf8');
}

export function readDashboard(name: (typeof DASHBOARDS)[number]): Dashboard {
  return JSON.parse(dashboardText(name)) as Dashboard;
}

/** What is chosen of each variable; of several values all of them. */
export type Choice = Readonly<Record<string, string | readonly string[]>>;

export interface PanelQuery {
  readonly panel: Panel;
  readonly target: Readonly<Record<string, unknown>>;
  readonly choice: Choice;
}

/** Of all panels. One that is repeated is there for each value of its variable. */
export function queriesOf(dashboard: Dashboard, choice: Choice): PanelQuery[] {
  return panelsOf(dashboard).flatMap((panel) =>
    repetitionsOf(panel, choice).flatMap((chosen) =>
      (panel.targets ?? []).map((target) => ({ panel, target, choice: chosen })),
    ),
  );
}

/** Rows left out. */
export function panelsOf({ panels = [] }: Dashboard): Panel[] {
  return panels.flatMap((panel) => ('panels' in panel ? panel.panels : [panel]));
}

function repetitionsOf({ repeat }: Panel, choice: Choice): Choice[] {
  if (repeat === undefined) return [choice];
  return [choice[repeat] ?? []].flat().map((value) => ({ ...choice, [repeat]: value }));
}

/**
 * What is chosen when the dashboard has been imported.
 * @param ask what a variable's query gives, with those chosen that come before it
 */
export async function firstChoice(
  dashboard: Dashboard,
  ask: (query: VariableModel['query'], choice: Choice) => Promise<readonly string[]>,
): Promise<Choice> {
  let choice: Choice = {};
  for (const variable of dashboard.templating?.list ?? []) {
    if (variable.type === 'datasource') continue;
    const offered =
      variable.type === 'query' ? await ask(variable.query, choice) : offeredBy(variable);
    choice = { ...choice, [variable.name]: chosenOf(variable, offered) };
  }
  return choice;
}

const ALL = '$__all';

export function isAll({ current }: VariableModel): boolean {
  return [current?.value].flat().includes(ALL);
}

function chosenOf(variable: VariableModel, offered: readonly string[]) {
  if (isAll(variable)) return variable.allValue ?? offered;
  return variable.current?.value ?? offered[0] ?? '';
}

/** As `beyond` or `50 ms : 0.05`, where the value comes last. */
function offeredBy({ query }: VariableModel): string[] {
  return String(query)
    .split(',')
    .map((each) => each.split(' : ').at(-1)?.trim() ?? '');
}

const VARIABLE = /\$(?:(\w+)|\{(\w+)(?::(\w+))?\})/g;
const FORMATS: Readonly<Record<string, (value: string | readonly string[]) => string>> = {
  regex: (value) => (typeof value === 'string' ? value : `(${value.join('|')})`),
  sqlstring: (value) =>
    [value]
      .flat()
      .map((each) => `'${each.replaceAll("'", "''")}'`)
      .join(','),
};

/** Puts in place of `$name`, `${name}` and `${name:format}` what is chosen. Throws where a variable is not known. */
export function interpolated(text: string, choice: Choice, usual = 'regex'): string {
  return text.replace(VARIABLE, (_, plain: string, braced: string, format = usual) => {
    const value = choice[plain ?? braced];
    const write = FORMATS[format];
    if (value === undefined || !write) throw new Error(`${plain ?? braced} in ${text}`);
    return write(value);
  });
}
