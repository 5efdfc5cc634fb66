/** Whose work is in the app, with the licence text of each: from the packages that are installed, not from a list. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../lib/failure.mjs';
import { at } from '../lib/places.mjs';
import { bundledDevPackages, nativeParts, textsElsewhere } from './native-parts.mjs';

/**
 * @typedef {object} Notice
 * @property {string} name
 * @property {string} [version]
 * @property {string} license SPDX identifier.
 * @property {string} [source] Address of its source.
 * @property {string} text
 */

/** Licences under which a part may be shipped inside Wyvern. */
const allowed = ['MIT', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'MPL-2.0', 'CC0-1.0', 'Unlicense'];

/** Takes the place of a package that nothing here uses (`overrides` in package.json). */
const emptyPackage = 'empty-npm-package';

/** @param {string} name */
const isLicenseFile = (name) => /^(licen[cs]e|copying|unlicense)(\b|[.-])/i.test(name);

/**
 * Packages of npm that the app is made of: what package.json depends on, with all that these depend on.
 * @param {string} root Folder of the package-lock.json.
 * @returns {readonly { path: string, name: string, version: string, license: string }[]}
 */
export function shippedPackages(root) {
  /** @typedef {{ name?: string, version?: string, license?: string, dev?: boolean, optional?: boolean }} Locked */
  /** @type {{ packages: Record<string, Locked> }} */
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const nameOf = (/** @type {string} */ path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  return Object.entries(lock.packages)
    .filter(([path, { dev }]) => path !== '' && (dev !== true || bundledDevPackages.includes(nameOf(path))))
    .filter(([, { name }]) => name !== emptyPackage)
    .filter(([path, { optional }]) => optional !== true || existsSync(join(root, path)))
    .map(([path, { version = '', license = '' }]) => ({ path, name: nameOf(path), version, license }));
}

/**
 * @param {string} [root]
 * @returns {readonly Notice[]} By name, each once.
 * @throws {Failure} If a package has no licence text, or one that does not allow it to be shipped.
 */
export function collectNotices(root = at()) {
  /** @type {Notice[]} */
  const notices = nativeParts.map(({ name, version, license, source, text, copyright }) => ({
    name,
    ...(version === undefined ? {} : { version }),
    license,
    source,
    text: [copyright, readText(at('scripts', 'notices', 'texts', text))]
      .filter((part) => part !== undefined)
      .join('\n\n'),
  }));
  /** @type {string[]} */
  const problems = [];
  for (const { path, name, version, license } of shippedPackages(root)) {
    if (!allowed.includes(license)) problems.push(`${name} is under “${license}”, which nobody has allowed yet.`);
    const text = textOf(join(root, path)) ?? textOf(join(root, 'node_modules', textsElsewhere[name] ?? name));
    if (text === undefined) problems.push(`${name} carries no licence text.`);
    else if (!notices.some((one) => one.name === name && one.version === version)) {
      notices.push({ name, version, license, text });
    }
  }
  if (problems.length > 0) {
    throw new Failure(`Some parts of the app lack a known licence or notice. ${problems.join(' ')}`, {
      hint: 'Add the licences and texts to scripts/notices/.',
    });
  }
  return notices.sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

/** @param {string} folder */
function textOf(folder) {
  const names = existsSync(folder) ? readdirSync(folder).filter(isLicenseFile).sort() : [];
  return names.length === 0 ? undefined : names.map((name) => readText(join(folder, name))).join('\n\n');
}

/** @param {string} path */
const readText = (path) => readFileSync(path, 'utf8').replaceAll('\r\n', '\n').trim();

/**
 * The notices as one text.
 * @param {readonly Notice[]} notices
 */
export function noticesText(notices) {
  const head = 'Wyvern contains the work of others, under the licences below.\n';
  return [
    head,
    ...notices.map(({ name, version, license, source, text }) =>
      [`${'='.repeat(80)}`, [name, version, `(${license})`].filter(Boolean).join(' '), source, '', text, '']
        .filter((line) => line !== undefined)
        .join('\n'),
    ),
  ].join('\n');
}
