/** The page of a run of DNS alone, which has no RTTs. */
import type { DnsFacts } from '../run-facts.js';
import { element } from './dom.js';
import { periodOf, remarksOn } from './header.js';
import { resolverSection } from './resolver-section.js';
import { countText } from './text.js';
import { themeButton } from './theme.js';

const TITLE = 'DNS response times';

export function showDns(root: HTMLElement, facts: DnsFacts): void {
  const period = periodOf(facts);
  document.title = `${TITLE}, ${period}`;
  const titles = element(
    'div',
    {},
    element('h1', {}, TITLE),
    element('p', { class: 'period' }, period),
  );
  const tools = element(
    'div',
    { class: 'tools' },
    themeButton(() => {}),
  );
  root.replaceChildren(
    element('header', {}, titles, tools),
    ...remarksOn(facts).map((text) => element('p', { class: 'remark', role: 'note' }, text)),
    resolverSection(facts.resolvers),
    footer(facts),
  );
}

function footer({ sources, resolvers }: DnsFacts): HTMLElement {
  const queries = resolvers.reduce((sum, each) => sum + each.queries, 0);
  const number = queries === 1 ? '1 query' : `${countText(queries)} queries`;
  return element(
    'footer',
    {},
    `pping report of ${sources.join(', ')}: ${number}. Percentiles are exact (nearest rank). Times are UTC.`,
  );
}
