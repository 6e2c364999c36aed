/** docs/metrics.md has each metric with its type, each edge, and what is shipped for Prometheus. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { EDGES } from '../../src/metrics/edges.js';
import { FAMILIES } from '../../src/metrics/families.js';
import { codeIn, readDocument, tableBelow } from '../helpers/documents/documents.js';

const text = readDocument('docs/metrics.md');
const rows = (heading: string) =>
  tableBelow(text, heading).map(([name = '', type]) => [codeIn(name)[0], type]);

describe('the tables of metrics', () => {
  test('of RTTs', () => {
    expect(rows('RTTs')).toEqual([
      ['pping_rtt_seconds', 'histogram'],
      ['pping_samples_total', 'counter'],
      ['pping_overdue_total', 'counter'],
    ]);
  });

  test('of DNS', () => {
    expect(rows('DNS')).toEqual([
      ['pping_dns_response_time_seconds', 'histogram'],
      ['pping_dns_responses_total', 'counter'],
      ['pping_dns_unanswered_total', 'counter'],
      ['pping_dns_ambiguous_total', 'counter'],
    ]);
  });

  test('of the run, in the order of a scrape', () => {
    expect(rows('The run')).toEqual(FAMILIES.map(({ name, type }) => [name, type]));
  });
});

test('the edges, in ms', () => {
  const [, list = ''] = /The edges \(ms\): ([\d., \n]+)\. /.exec(text) ?? [];
  expect(list.split(/,\s+/).map(Number)).toEqual(EDGES.map((edge) => edge / 1e6));
  expect(text).toContain(`with ${EDGES.length} edges from 50 us to 10 s`);
});

test('the scrape configuration is the beginning of the one that is shipped', () => {
  const shipped = readFileSync(join(repositoryRoot, 'share/prometheus/prometheus.yml'), 'utf8');
  const lines = shipped.split('\n').filter((line) => line !== '' && !/^ *#/.test(line));
  const block = /## Scraping\n\n((?: {4}.*\n)+)/.exec(text)?.[1]?.split('\n') ?? [];
  const shown = block.map((line) => line.slice(4)).filter((line) => line !== '');
  expect(shown.length).toBeGreaterThan(4);
  expect(shown.filter((line) => !lines.includes(line))).toEqual([]);
});
