// Has the packages that call libbpf in the bundle, too, but for their native code: they read 30 files, two thirds of them
// for a log that pping has no use for.
import { readFile } from 'node:fs/promises';

/** In each, where its native code is loaded, by the folder that it is in. */
const LOADERS = {
  '@2060.io/ref-napi': 'lib/ref.js',
  'node-ffi-napi': 'lib/bindings.js',
};
const OWN_FOLDER = "path.join(__dirname, '..')";
const LOG = 'debug';

/** What finds native code in a folder, and what is in that. */
export const outsideOfBundle = ['node-gyp-build', ...Object.keys(LOADERS).map(manifestOf)];

/** A plugin for esbuild. */
export const nativePackages = {
  name: 'native packages',
  setup(build) {
    for (const [name, file] of Object.entries(LOADERS)) {
      const filter = new RegExp(`/node_modules/${name}/${file}$`);
      // Found when it runs, wherever that is.
      const folder = `path.dirname(require.resolve('${manifestOf(name)}'))`;
      build.onLoad({ filter }, async ({ path }) => ({
        contents: withFolder(await readFile(path, 'utf8'), folder, path),
      }));
    }
    build.onResolve({ filter: new RegExp(`^${LOG}$`) }, () => ({ path: LOG, namespace: LOG }));
    build.onLoad({ filter: /^/, namespace: LOG }, () => ({
      contents: 'module.exports = () => Object.assign(() => {}, { enabled: false });',
    }));
  },
};

function manifestOf(name) {
  return `${name}/package.json`;
}

function withFolder(text, folder, path) {
  if (!text.includes(OWN_FOLDER)) throw new Error(`${path} loads its native code otherwise by now`);
  return text.replace(OWN_FOLDER, folder);
}
