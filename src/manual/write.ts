// write: the manual page and docs/options.md, from the option table (make manual).
import { readFileSync, writeFileSync } from 'node:fs';
import { manifest } from '../installation/installed.js';
import { manPage } from './man.js';
import { optionsPage } from './markdown.js';
import { outline } from './outline.js';

const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
writeFileSync('man/pping.1', manPage(outline(), version));
writeFileSync('docs/options.md', optionsPage(outline()));
