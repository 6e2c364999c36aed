import { expect, test } from '@jest/globals';
import { type AskedProtocols, measuredOf } from '../../src/sampling/protocols.js';

test.each<[AskedProtocols, ReturnType<typeof measuredOf>]>([
  [[], { protocols: ['tcp'], areProtocolsTold: false, dns: undefined }],
  [['tcp'], { protocols: ['tcp'], areProtocolsTold: false, dns: undefined }],
  [['icmp'], { protocols: ['icmp'], areProtocolsTold: true, dns: undefined }],
  [['dns'], { protocols: ['dns'], areProtocolsTold: true, dns: 'alone' }],
  [['tcp', 'dns'], { protocols: ['tcp', 'dns'], areProtocolsTold: true, dns: 'beside' }],
  [
    ['tcp', 'all'],
    { protocols: ['tcp', 'icmp', 'quic', 'dns'], areProtocolsTold: true, dns: 'beside' },
  ],
])('of %j', (words, measured) => {
  expect(measuredOf(words)).toEqual(measured);
});
