// licences.js NODE SYSROOT TREE [PREFIX]: prints the licences of everything in a package, as Debian's machine-readable
// copyright file. NODE and SYSROOT are the output of packaging/node and packaging/sysroot, TREE that of packaging/tree;
// PREFIX is put before the paths.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [node = '', sysroot = '', tree = '', prefix = ''] = process.argv.slice(2);
const { triplet } = process.env; // from packaging/settings
const LIB = `${prefix}lib/pping`;
const COPYRIGHT = /copyright (?:\(c\)|©|\d{4}|[\w., ]+contributors\b).*$/gim;

const { homepage, name } = JSON.parse(readFileSync('package.json', 'utf8'));

const parts = [
  ours(),
  {
    ...text('uPlot', 'MIT', 'node_modules/uplot/LICENSE'),
    files: `${LIB}/dist/report/page.js`,
  },
  { ...text('Node.js', 'Node', join(node, 'LICENSE')), files: `${LIB}/node` },
  bundled(),
  ...modules(),
  ...['libbpf', 'libelf', 'libz'].map(library),
];

process.stdout.write(
  [header(), ...parts.map(stanza)].map((paragraph) => `${paragraph}\n`).join('\n'),
);

function header() {
  return [
    'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/',
    `Upstream-Name: ${name}`,
    ...(homepage ? [`Source: ${homepage}`] : []),
    'Comment: A package of its own: beside pping it holds Node.js as its makers built it, without debugging symbols, npm',
    ' packages, and libbpf, libelf and zlib as the distribution built them that it was made on; these three were given',
    ' the folder where they find each other. Each is used as a shared library, and can be replaced by another',
    ' (LD_LIBRARY_PATH, or the file itself).',
  ].join('\n');
}

function ours() {
  return { ...text('pping', 'MIT', 'LICENSE'), files: '*' };
}

/** pping itself, and the npm packages that tools/bundle.js puts into the same files. */
function bundled() {
  const own = text('pping', 'MIT', 'LICENSE');
  const others = text(
    'pping, with npm packages in the same files',
    'MIT and Apache 2.0',
    'dist/pping/LICENSES',
  );
  const copyright = [...own.copyright, ...others.copyright];
  return { ...others, copyright, files: `${LIB}/dist/pping/*` };
}

/** Of each npm package that is in the tree unbundled. */
function modules() {
  const folders = execFileSync('packaging/modules', { encoding: 'utf8' }).trim().split('\n');
  return folders.map((folder) => {
    const {
      name: module,
      version,
      license,
    } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const part = text(`${module} ${version}`, license, licenceFile(folder));
    const libffi = join(folder, 'deps/libffi/LICENSE'); // linked into its addon
    if (existsSync(libffi)) {
      const other = text('libffi', license, libffi);
      part.copyright.push(...other.copyright);
      part.text += `\n\nIt contains libffi:\n\n${other.text}`;
    }
    return { ...part, files: `${LIB}/${folder}/*` };
  });
}

function licenceFile(folder) {
  const file = readdirSync(folder).find((one) => /^licen[sc]e(\.md|\.txt)?$/i.test(one));
  if (!file) throw new Error(`${folder} has no licence file`);
  return join(folder, file);
}

/** From the copyright file of Debian's package. */
function library(soname) {
  const file = readdirSync(join(tree, 'lib/pping/lib')).find((one) =>
    one.startsWith(`${soname}.so`),
  );
  const [debian = '', processor = ''] = dpkg('-S', `*/${triplet}/${file}`).split(':');
  const status = dpkg('-s', `${debian}:${processor}`);
  const source = (/^Source: (\S+)/m.exec(status)?.[1] ?? debian).concat(
    ' ',
    field(status, 'Version')[0],
  );
  const whole = readFileSync(join(sysroot, 'usr/share/doc', debian, 'copyright'), 'utf8');
  // Of the paragraphs that are about this file the last one counts.
  const main = whole
    .split('\n\n')
    .filter((paragraph) => paragraph.startsWith('Files:'))
    .findLast((paragraph) => field(paragraph, 'Files').some((one) => covers(one, `${soname}/x`)));
  return {
    what: `${soname}, of Debian's source package ${source}`,
    licence: field(main, 'License')[0],
    copyright: field(main, 'Copyright'),
    text: `Debian's copyright file of ${debian}:\n\n${whole}`,
    files: `${LIB}/lib/${file}`,
  };
}

function dpkg(...query) {
  const records = `--admindir=${join(sysroot, 'var/lib/dpkg')}`;
  return execFileSync('dpkg-query', [records, ...query], { encoding: 'utf8' });
}

function field(paragraph, wanted) {
  const found = new RegExp(`^${wanted}:(.*\\n(?:[ \\t]+.*\\n)*)`, 'm').exec(`${paragraph}\n`);
  if (!found) throw new Error(`no ${wanted} in:\n${paragraph}`);
  return found[1]
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function covers(pattern, path) {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[^\w/]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(path);
}

/** @param licence what the package calls it */
function text(what, licence, file) {
  const whole = readFileSync(file, 'utf8').trim();
  const copyright = (whole.match(COPYRIGHT) ?? []).map((line) => line.replace(/^\W+/, '').trim());
  if (copyright.length === 0) throw new Error(`${file} names no copyright`);
  return { what, licence, copyright: [...new Set(copyright)], text: whole };
}

/** A name for each text, since the texts differ in the copyright holder. */
function stanza({ what, licence, copyright, text: whole, files }, place) {
  return [
    `Files: ${files}`,
    `Copyright: ${copyright.join('\n           ')}`,
    `License: ${place === 0 ? 'Expat' : `${licence.replaceAll(' ', '-')}-${place}`}`,
    ...whole.split('\n').map((line) => (line.trim() === '' ? ' .' : ` ${line.trimEnd()}`)),
    `Comment: ${what}`,
  ].join('\n');
}
