// write <file>: the manual page, made anew (make manual).
import { readFileSync, writeFileSync } from 'node:fs';
import { manifest } from '../installation/installed.js';
import { manPage } from './man.js';
import { outline } from './outline.js';

const [file = 'man/pping.1'] = process.argv.slice(2);
const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
writeFileSync(file, manPage(outline(), version));
