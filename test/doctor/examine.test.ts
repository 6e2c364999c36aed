/** The real examination of this machine, of what was built. */
import { cpSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, jest, test } from '@jest/globals';
import { createNamespace } from '../../lab/netns.js';
import { repositoryRoot } from '../../lab/places.js';
import { missingRequirement } from '../../lab/requirements.js';
import type { Finding } from '../../src/doctor/finding.js';
import { type CliOptions, here, type Place, useCli } from '../helpers/command/cli.js';
import {
  preloaded,
  WITHOUT_SOCK_CREATE,
  WITHOUT_SOCK_OPS,
  WITHOUT_TRACEPOINTS,
} from '../helpers/command/preload.js';
import { useCgroups } from '../helpers/kernel/cgroup.js';
import { attachForeign, compileForeign } from '../helpers/kernel/foreign.js';
import { hasTcx } from '../helpers/kernel/tcx.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(180_000);

const start = useCli();
const file = useTemporaryFolder();
const makeCgroup = useCgroups();
const missing = missingRequirement();
const asRoot = missing === undefined ? describe : describe.skip;

interface Examination {
  readonly findings: Map<string, Finding>;
  readonly verdict: string;
}

/** Runs a function of src/doctor in a process of its own. */
async function call(place: Place, code: string, options: CliOptions = {}, root = repositoryRoot) {
  const doctor = (name: string) => pathToFileURL(join(root, `dist/src/doctor/${name}.js`)).href;
  const program = code.replaceAll(/doctor:(\S+)\b/g, (_, name: string) => doctor(name));
  const args = ['--input-type=module', '-e', program];
  const ended = await start(place, args, { ...options, program: process.execPath }).ended;
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(ended.stdout);
}

async function examine(place: Place, options?: CliOptions, root?: string): Promise<Examination> {
  const code = `
    const { examine } = await import('doctor:examine');
    const { doctorText } = await import('doctor:text');
    const findings = await examine();
    const verdict = doctorText(findings, false).split('\\n').at(-1);
    console.log(JSON.stringify({ findings, verdict }));`;
  const { findings, verdict } = await call(place, code, options, root);
  const byName = (findings as Finding[]).map((finding) => [finding.what, finding] as const);
  return { findings: new Map(byName), verdict };
}

asRoot(`as root${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  test('all is there, the programs are accepted and attach, and nothing stays', async () => {
    const namespace = await createNamespace();
    try {
      const { findings, verdict } = await examine(namespace);
      const lacking = [...findings.values()].filter(({ status }) => status === 'missing');
      expect(lacking).toEqual([]);
      expect(verdict).toBe('live capture (-i) should work');
      expect(findings.get('privileges')?.found).toBe('root');
      expect(findings.get('BPF programs')).toMatchObject({ status: 'ok' });
      expect(findings.get('attaching')).toMatchObject({ status: 'ok' });
      const ofOwners = ['owners', 'containers', 'QUIC, pings, DNS', 'processes', 'cgroups', 'NAT'];
      for (const what of ofOwners) {
        expect(findings.get(what)).toMatchObject({ status: 'ok' });
      }
      expect(await namespace.run(['tc', 'qdisc', 'show', 'dev', 'lo'])).not.toContain('clsact');
    } finally {
      await namespace.close();
    }
  });

  test.each([
    ['once they are open', [WITHOUT_SOCK_OPS], 'only once a connection is open'],
    ['not', [WITHOUT_SOCK_OPS, WITHOUT_TRACEPOINTS], 'only from inside the container'],
  ])(
    'where no program can be at the root of cgroups, sockets are noted %s',
    async (_, without, when) => {
      const { findings, verdict } = await examine(here, { env: preloaded(...without) });
      const why = 'a sock_ops program at /\\S+ allows no other program \\(EPERM\\)';
      expect(findings.get('containers')).toEqual({
        what: 'containers',
        status: 'warning',
        found: expect.stringMatching(new RegExp(`^owners resolved ${when}: ${why}`)),
      });
      expect(verdict).toBe('live capture (-i) should work');
    },
  );

  test('where who makes sockets of QUIC, pings and DNS cannot be noted it is told, and pping runs', async () => {
    const { findings, verdict } = await examine(here, { env: preloaded(WITHOUT_SOCK_CREATE) });
    const found =
      /^owners: processes only if they keep their sockets open for a while: .*\/sys.*EPERM/;
    expect(findings.get('QUIC, pings, DNS')).toEqual({
      what: 'QUIC, pings, DNS',
      status: 'warning',
      found: expect.stringMatching(found),
    });
    expect(findings.get('containers')?.status).toBe('ok');
    expect(verdict).toBe('live capture (-i) should work');
  });

  test('in cgroups of its own only who makes such sockets in there', async () => {
    const script = 'umount -l -a -t cgroup2; mkdir -p "$0"; mount -t cgroup2 none "$0"; exec "$@"';
    const unshare = ['unshare', '--cgroup', '--mount', 'sh', '-c', script, file('cgroup')];
    const { findings, verdict } = await examine(here, {
      through: makeCgroup('own').command(unshare),
    });
    expect(findings.get('QUIC, pings, DNS')).toEqual({
      what: 'QUIC, pings, DNS',
      status: 'warning',
      found: expect.stringMatching(
        /^owners: processes of other containers only if .*--cgroupns=host$/,
      ),
    });
    expect(verdict).toBe('live capture (-i) should work');
  });

  test('who stands in front on which interface', async () => {
    const namespace = await createNamespace();
    try {
      const run = (...command: string[]) => namespace.run(command);
      await run('ip', 'link', 'add', 'pp0', 'type', 'veth', 'peer', 'name', 'pp1');
      const alone = (await examine(namespace)).findings.get('other programs');
      expect(alone).toMatchObject({ status: 'ok', found: 'none on the interfaces here' });

      const foreign = compileForeign(file('foreign.o'));
      if (hasTcx) await attachForeign(namespace, file('foreign.o'), 'pp0');
      await run('tc', 'qdisc', 'add', 'dev', 'pp1', 'clsact');
      await run('tc', 'filter', 'add', 'dev', 'pp1', 'egress', 'pref', '3', ...foreign);
      const { findings } = await examine(namespace);
      const tcx = 'TCX program \\d+ \\(foreign\\)';
      const lines = [
        'pp1: egress: filter of pref 3 \\(foreign\\.o:\\[tc\\]\\)',
        ...(hasTcx ? [`pp0: egress: ${tcx}; ingress: ${tcx}`] : []),
      ];
      const found = expect.stringMatching(new RegExp(`^${lines.join('\n')}$`));
      expect(findings.get('other programs')).toMatchObject({ status: 'warning', found });
    } finally {
      await namespace.close();
    }
  });

  test('clsact is tried on a loopback interface of its own', async () => {
    const namespace = await createNamespace();
    try {
      const code = `
        const { tryClsact } = await import('doctor:programs');
        console.log(JSON.stringify(await tryClsact()));`;
      expect(await call(namespace, code)).toMatchObject({ what: 'attaching', status: 'ok' });
      expect(await namespace.run(['tc', 'qdisc', 'show', 'dev', 'lo'])).not.toContain('clsact');
    } finally {
      await namespace.close();
    }
  });

  const without = (folder: string) => {
    const script = `mount -t tmpfs none ${folder}; exec "$@"`;
    return { through: ['unshare', '--mount', 'sh', '-c', script, 'sh'] };
  };

  test('without /proc it says what is not known, and tries the programs', async () => {
    const { findings, verdict } = await examine(here, without('/proc'));
    for (const what of ['privileges', 'cgroups']) {
      const found = 'unknown: /proc cannot be read';
      expect(findings.get(what)).toMatchObject({ status: 'warning', found });
    }
    expect(findings.get('BPF programs')).toMatchObject({ status: 'ok' });
    expect(findings.get('attaching')).toMatchObject({ status: 'ok' });
    expect(verdict).toBe('live capture (-i) should work');
  });

  test('without /sys it would not run, and that is why', async () => {
    const { findings, verdict } = await examine(here, without('/sys'));
    expect(findings.get('BTF')?.found).toBe('unknown: /sys cannot be read');
    expect(findings.get('CPUs')).toMatchObject({
      status: 'missing',
      fix: 'mount -t sysfs sysfs /sys',
    });
    expect(findings.get('BPF programs')?.found).toBe('not tested: missing CPUs');
    expect(verdict).toMatch(/^live capture \(-i\) will not work: 1 requirement missing/);
    const run = await start(here, ['-i', 'lo', '-s', '1'], without('/sys')).ended;
    expect(run).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/cannot count the CPUs: .*: mount -t sysfs sysfs \/sys$/m),
    });
  });

  test('without privileges it says which, and tries nothing', async () => {
    const { uid, gid } = statSync(repositoryRoot);
    const owner = [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
    const through = ['setpriv', ...owner, '--bounding-set=-all', '--inh-caps=-all'];
    const { findings, verdict } = await examine(here, { through });
    expect(findings.get('privileges')).toMatchObject({
      status: 'missing',
      found: 'missing CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON',
    });
    expect(findings.get('BPF programs')?.found).toBe('not tested: missing privileges');
    expect(findings.has('attaching')).toBe(false);
    expect(verdict).toMatch(/^live capture \(-i\) will not work: 1 requirement missing/);
  });

  test('an object file that is none', async () => {
    const root = copyPackage(file('package'));
    writeFileSync(join(root, 'dist/bpf/tc_pping.o'), 'no object');
    const { findings, verdict } = await examine(here, {}, root);
    expect(findings.get('BPF programs')).toMatchObject({ status: 'missing' });
    expect(findings.get('BPF programs')?.found).toContain('cannot open the BPF object');
    expect(verdict).toMatch(/will not work: 1 requirement missing/);
  });
});

test('without what calls libbpf and without the object, both are said to be missing', async () => {
  const root = copyPackage(file('package'), ['node-ffi-napi']);
  const { findings, verdict } = await examine(here, {}, root);
  expect(findings.get('node-ffi-napi')).toMatchObject({
    status: 'missing',
    found: 'not installed: npm could not compile it',
    fix: expect.stringContaining('g++ make python3'),
  });
  expect(findings.get('BPF object')?.status).toBe('missing');
  expect(verdict).toMatch(/: 2 requirements missing \(reading captures with -r works\)$/);
});

/** All of the package but its BPF object. @returns its folder */
function copyPackage(to: string, without: readonly string[] = []): string {
  for (const part of ['dist/src', 'dist/pping', 'package.json']) {
    cpSync(join(repositoryRoot, part), join(to, part), { recursive: true });
  }
  for (const folder of ['node_modules/@2060.io', 'dist/bpf'])
    mkdirSync(join(to, folder), { recursive: true });
  const needed = ['chalk', 'ref-struct-di', '@2060.io/ref-napi', 'node-ffi-napi'];
  for (const name of needed.filter((each) => !without.includes(each))) {
    const module = join('node_modules', name);
    symlinkSync(join(repositoryRoot, module), join(to, module));
  }
  return to;
}
