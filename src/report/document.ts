/** The report as one HTML document that loads nothing. */
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { BLOCKS, type Block, type RunFacts, type Samples } from './run-facts.js';
import { encodeVarints } from './varint.js';

export interface Assets {
  readonly script: string;
  readonly style: string;
}

/**
 * In pieces, as they are to be written. Whatever comes from the run is in base64: no text of it can
 * become markup. Only this script and this style are let in, by their hashes; and nothing from a network.
 */
export function* documentOf(
  facts: RunFacts,
  samples: Samples,
  { script, style }: Assets,
): Generator<string> {
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyOf(script, style)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>RTT report</title>
<style>${style}</style>
</head>
<body>
<main id="report"><noscript>This report is drawn by a script that is part of it: please allow it.</noscript></main>
`;
  for (const block of BLOCKS) {
    const content = deflateSync(blockOf(block, facts, samples)).toString('base64');
    yield `<script type="application/octet-stream" id="${block}">${content}</script>\n`;
  }
  yield `<script>${script}</script>\n</body>\n</html>\n`;
}

function policyOf(script: string, style: string): string {
  return [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function blockOf(block: Block, facts: RunFacts, samples: Samples): Uint8Array {
  if (block === 'facts') return Buffer.from(JSON.stringify(facts));
  if (block === 'times') return encodeVarints(stepsOf(samples.times, facts.from));
  if (block === 'flags') return samples.flags;
  return encodeVarints(samples[block]);
}

const NS_PER_US = 1000;

/** Microseconds since the one before; of the first one since the start. */
function stepsOf(times: Float64Array, startMs: number): Float64Array {
  const start = startMs * 1e6;
  let before = 0;
  return times.map((time) => {
    const now = Math.max(before, Math.round((time - start) / NS_PER_US));
    const step = now - before;
    before = now;
    return step;
  });
}
