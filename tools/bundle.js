// Makes dist/pping/: what runs, with the npm packages that are plain JavaScript, in few files. Node reads and links
// hundreds of files in longer than pping takes for all else at its start. `bundle.js bench` makes dist/bench/bundled/:
// the same again, with what is to be measured in it.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { withConstants } from './constants.js';
import { onDemand } from './on-demand.js';

const ENTRIES = { main: 'src/cli/main.ts', 'clsact-trial': 'src/doctor/clsact-trial.ts' };
const IS_BENCH = process.argv[2] === 'bench';
const TO = IS_BENCH ? 'dist/bench/bundled' : 'dist/pping';
const NEW = `${TO}.new`;
const PACKAGE = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//;
/** For packages that are CommonJS: a module has no require(). */
const REQUIRE = `
import { createRequire as requireFrom } from 'node:module';
const require = requireFrom(import.meta.url);`;

const { optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));

rmSync(NEW, { recursive: true, force: true });
const { metafile, outputFiles } = await build({
  // One more entry beside the others: so what they share is cut into files as it is for users.
  entryPoints: IS_BENCH ? { ...ENTRIES, drain: 'bench/drain.ts' } : ENTRIES,
  outdir: NEW,
  bundle: true,
  // What an interface needs is not read for a capture.
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  // There is less to be read. Names stay as they are, for who reads a stack.
  minifyWhitespace: true,
  minifySyntax: true,
  // They are native code, or load it.
  external: Object.keys(optionalDependencies),
  plugins: [onDemand],
  banner: { js: REQUIRE },
  metafile: true,
  write: false,
  logLevel: 'warning',
});
mkdirSync(NEW, { recursive: true });
for (const { path, text } of outputFiles) writeFileSync(path, withConstants(text));
writeFileSync(join(NEW, 'LICENSES'), licences(Object.keys(metafile.inputs)));
rmSync(TO, { recursive: true, force: true });
renameSync(NEW, TO);

/** Of the packages that these files are of. */
function licences(files) {
  const names = new Set(files.flatMap((file) => PACKAGE.exec(file)?.[1] ?? []));
  return [...names].sort().map(licence).join('\n\n');
}

function licence(name) {
  const folder = join('node_modules', name);
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((each) => /^licen[sc]e(\.md|\.txt)?$/i.test(each));
  if (!file) throw new Error(`${name} has no licence`);
  const text = readFileSync(join(folder, file), 'utf8').trim();
  return `==== ${name} ${version} ====\n\n${text}\n`;
}
