// write <object> <file>: src/core/layouts.ts, made anew (make layout).
import { writeFileSync } from 'node:fs';
import { layouts } from './generate.js';

const [object = '', file = ''] = process.argv.slice(2);
writeFileSync(file, layouts(object, 'bpf'));
