import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lchownSync,
  mkdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { ownPath } from '../src/own-path.js';
import { useTemporaryFolder } from './helpers/runner/temporary.js';

const STRANGER = 65_534;
const inFolder = useTemporaryFolder();
/** Who is not cannot give files away. */
const asRoot = process.getuid?.() === 0 ? test : test.skip;

/** A folder of ours. */
function folder(name: string, mode: number): string {
  mkdirSync(inFolder(name));
  chmodSync(inFolder(name), mode);
  return inFolder(name);
}

describe('followed', () => {
  test.each([
    ['a link to a file, as it is written', () => inFolder('file')],
    ['a relative one', () => './a/../file'],
    ['to what is not there yet', () => inFolder('new')],
  ])('%s', (_, target) => {
    folder('a', 0o755);
    writeFileSync(inFolder('file'), '');
    symlinkSync(target(), inFolder('link'));
    const name = target().endsWith('new') ? 'new' : 'file';
    expect(ownPath(inFolder('link'))).toBe(`${realpathSync(inFolder(''))}/${name}`);
  });

  test('the way up from a folder that was reached by a link is its own', () => {
    mkdirSync(inFolder('deep'));
    mkdirSync(inFolder('deep/er'));
    symlinkSync(inFolder('deep/er'), inFolder('link'));
    expect(ownPath(`${inFolder('link')}/../x`)).toBe(`${realpathSync(inFolder('deep'))}/x`);
  });

  asRoot('in a folder that a group can write to, as /var/log on Ubuntu: a link of root', () => {
    const log = folder('log', 0o775);
    lchownSync(log, 0, STRANGER);
    symlinkSync(inFolder('private'), `${log}/pping`);
    expect(ownPath(`${log}/pping/x`)).toBe(`${realpathSync(inFolder(''))}/private/x`);
  });

  test('a descriptor: what /dev/stdout leads to is no path', () => {
    const built = new URL('../dist/src/own-path.js', import.meta.url);
    const program = `import("${built}").then(({ ownPath }) => console.error(ownPath("/dev/stdout")))`;
    const script = `'${process.execPath}' -e '${program}' 2>&1 >/dev/null`;
    expect(execFileSync('bash', ['-c', script], { encoding: 'utf8' })).toMatch(
      /^\/proc\/\d+\/fd\/1\n$/,
    );
  });
});

describe('refused', () => {
  test.each([
    ['that all can write to', 0o777],
    ['that all can write to, and not look into', 0o703],
    ['where all can write, and remove their own only', 0o1777],
  ])('a link in a folder %s', (_, mode) => {
    const shared = folder('shared', mode);
    symlinkSync(inFolder('file'), `${shared}/link`);
    expect(() => ownPath(`${shared}/link`)).toThrow(
      `${shared}/link is a link, and others can write to its folder`,
    );
    expect(() => ownPath(`${shared}/link/below`)).toThrow('is a link');
  });

  test('a circle', () => {
    symlinkSync('b', inFolder('a'));
    symlinkSync('a', inFolder('b'));
    expect(() => ownPath(inFolder('a'))).toThrow('too many links');
  });

  asRoot("a stranger's: his folder, or his link where a group can write", () => {
    const his = folder('his', 0o755);
    symlinkSync(inFolder('file'), `${his}/link`);
    lchownSync(his, STRANGER, STRANGER);
    expect(() => ownPath(`${his}/link`)).toThrow('is a link');
    const log = folder('log', 0o775);
    lchownSync(log, 0, STRANGER);
    symlinkSync(inFolder('file'), `${log}/link`);
    lchownSync(`${log}/link`, STRANGER, STRANGER);
    expect(() => ownPath(`${log}/link`)).toThrow('is a link');
  });
});
