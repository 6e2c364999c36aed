/** The report as one HTML document that loads nothing. */
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import type { Block } from './run-facts.js';

export interface Assets {
  readonly script: string;
  readonly style: string;
}

/**
 * In pieces, as they are to be written. Whatever comes from the run is in base64: no text of it can
 * become markup. Only this script and this style are let in, by their hashes; and nothing from a network.
 */
export function* documentOf(
  blocks: Iterable<readonly [Block, Uint8Array]>,
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
  for (const [id, bytes] of blocks) {
    const content = deflateSync(bytes).toString('base64');
    yield `<script type="application/octet-stream" id="${id}">${content}</script>\n`;
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
