import { getRawHeader, listPackage, extractFile, uncache } from '@electron/asar';
import { FuseV1Options, FuseState, getCurrentFuseWire } from '@electron/fuses';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readPe } from '../lib/pe.mjs';
import { filesUnder } from '../lib/content-hash.mjs';
import { verifyNative } from '../windows/verify-native.mjs';
import { verifyQnn } from '../windows/verify-qnn.mjs';
import { fuses } from './fuses.mjs';

/** Electron for Arm takes some 280 MB of it, the model 93, Qualcomm's libraries 32. */
const mostBytes = 480_000_000;

const required = [
  'Wyvern.exe',
  'LICENSE.electron.txt',
  'LICENSES.chromium.html',
  'resources/app.asar',
  'resources/licenses/LICENSE.txt',
  'resources/licenses/THIRD-PARTY-NOTICES.txt',
  'resources/qnn/Qualcomm_LICENSE.pdf',
  'resources/models/smollm2-135m-instruct/wyvern.json',
  'resources/models/smollm2-135m-instruct/model.pte',
  'resources/models/smollm2-135m-instruct/model.ptd',
  'resources/models/smollm2-135m-instruct/tokenizer.json',
];

/** What may lie in `resources/`. */
const resources = ['app.asar', 'native', 'qnn', 'licenses', 'models'];

const program = [
  'package.json',
  'out/main/index.js',
  'out/main/engine.js',
  'out/main/server.js',
  'out/main/documents.js',
  'out/main/check-worker.js',
  'out/main/prepare-worker.js',
  'out/preload/index.cjs',
  'out/renderer/index.html',
];

/** Every file that the archive may hold. */
const ofProgram =
  /^(package\.json|out\/(main\/[\w-]+\.js|preload\/index\.cjs|renderer\/(index\.html|assets\/[\w.-]+)))$/;
const forbidden = /\.(test|spec)\.|\.(ts|tsx|map|pte|ptd|node|dll|so|md)$|node_modules/;

/**
 * What is wrong with a packaged app, unpacked.
 * @param {string} folder The one that electron-builder calls `win-arm64-unpacked`.
 * @returns {Promise<string[]>} One sentence per problem; none if the package is ready to publish.
 */
export async function checkPackage(folder) {
  const missing = required.filter((name) => !existsSync(join(folder, name)));
  if (missing.length > 0) return missing.map((name) => `${name} is missing.`);
  const strangers = readdirSync(join(folder, 'resources')).filter((name) => !resources.includes(name));
  return [
    ...strangers.map((name) => `resources/${name} does not belong there.`),
    ...checkArchive(folder),
    ...(await checkFuses(folder)),
    ...checkMachines(folder),
    ...verifyNative(join(folder, 'resources', 'native')).map((problem) => `resources/native: ${problem}`),
    ...verifyQnn(join(folder, 'resources', 'qnn')).map((problem) => `resources/qnn: ${problem}`),
    ...checkNotices(folder),
    ...checkSize(folder),
  ];
}

/** @param {string} folder */
function checkArchive(folder) {
  const archive = join(folder, 'resources', 'app.asar');
  uncache(archive);
  const isFile = (/** @type {string} */ path) => /\.[a-z0-9]+$/i.test(path);
  const files = listPackage(archive, { isPack: false })
    .map((path) => path.replaceAll('\\', '/').replace(/^\//, ''))
    .filter(isFile);
  /** @type {{ scripts?: unknown, devDependencies?: unknown, main?: unknown }} */
  const manifest = files.includes('package.json')
    ? JSON.parse(extractFile(archive, 'package.json').toString('utf8'))
    : {};
  const hash = createHash('sha256').update(getRawHeader(archive).headerString).digest('hex');
  return [
    ...program.filter((name) => !files.includes(name)).map((name) => `app.asar has no ${name}.`),
    ...files
      .filter((name) => !ofProgram.test(name) || forbidden.test(name))
      .map((name) => `app.asar holds ${name}, which is no part of the program.`),
    ...(manifest.main === 'out/main/index.js' ? [] : ['package.json in app.asar does not start out/main/index.js.']),
    ...(manifest.devDependencies === undefined ? [] : ['package.json in app.asar still lists what only builds need.']),
    ...(readFileSync(join(folder, 'Wyvern.exe')).includes(hash)
      ? []
      : ['Wyvern.exe does not carry the hash of app.asar: it would refuse to start.']),
  ];
}

/** @param {string} folder */
async function checkFuses(folder) {
  const wire = await getCurrentFuseWire(join(folder, 'Wyvern.exe'));
  const states = Object.entries(wire).filter(([index]) => /^\d+$/.test(index));
  const names = Object.keys(fuses);
  return [
    ...(states.length === names.length
      ? []
      : [`Wyvern.exe has ${states.length} fuses, but ${names.length} were decided.`]),
    ...Object.entries(fuses).flatMap(([name, wanted]) => {
      const state = /** @type {Record<number, FuseState | undefined>} */ (wire)[
        FuseV1Options[/** @type {keyof typeof FuseV1Options} */ (name)]
      ];
      return state === (wanted ? FuseState.ENABLE : FuseState.DISABLE)
        ? []
        : [`The fuse ${name} is not ${wanted ? 'on' : 'off'}.`];
    }),
  ];
}

/** @param {string} folder */
function checkMachines(folder) {
  return filesUnder([folder], (path) => /\.(exe|dll|node)$/i.test(path)).flatMap((path) => {
    const machine = readPe(path)?.machine ?? 'no Windows program at all';
    return machine === 'arm64' ? [] : [`${relative(folder, path)} is ${machine}, not arm64.`];
  });
}

/** @param {string} folder */
function checkNotices(folder) {
  const text = readFileSync(join(folder, 'resources', 'licenses', 'THIRD-PARTY-NOTICES.txt'), 'utf8');
  return ['ExecuTorch', 'XNNPACK', 'react', 'SmolLM2-135M-Instruct']
    .filter((name) => !text.includes(`\n${name} `))
    .map((name) => `THIRD-PARTY-NOTICES.txt does not name ${name}.`);
}

/** @param {string} folder */
function checkSize(folder) {
  const bytes = filesUnder([folder], () => true).reduce((sum, path) => sum + statSync(path).size, 0);
  return bytes <= mostBytes ? [] : [`The package takes ${bytes} bytes, more than ${mostBytes}.`];
}
