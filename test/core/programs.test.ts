import { expect, test } from '@jest/globals';
import { namesAt, programsFor } from '../../src/core/programs.js';

test.each([
  [['ethernet'], ['pping_egress', 'pping_ingress', 'pping_sweep']],
  [['ip'], ['pping_egress_ip', 'pping_ingress_ip', 'pping_sweep']],
  [
    ['ip', 'ethernet'],
    ['pping_egress_ip', 'pping_ingress_ip', 'pping_egress', 'pping_ingress', 'pping_sweep'],
  ],
] as const)('for %j: %j', (links, names) => {
  expect(programsFor(links, false)).toEqual(names);
});

test('the kernel keeps 15 characters of a name', () => {
  expect(namesAt('egress')).toEqual(['pping_egress', 'pping_egress_ip']);
  expect(namesAt('ingress')).toEqual(['pping_ingress', 'pping_ingress_i']);
});
