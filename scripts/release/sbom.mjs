import { executorch } from '../windows/executorch-build.mjs';
import { qnnFiles, qnnWheel } from '../windows/qnn-libraries.mjs';

/**
 * @typedef {object} Component
 * @property {'library' | 'framework' | 'application' | 'file' | 'machine-learning-model'} type
 * @property {string} name
 * @property {string} [version]
 * @property {string} [purl]
 * @property {readonly { license?: { id?: string, name?: string } }[]} [licenses]
 * @property {readonly { alg: 'SHA-256', content: string }[]} [hashes]
 * @property {readonly { type: 'vcs' | 'distribution', url: string }[]} [externalReferences]
 */

/**
 * What an installed Wyvern is made of, as CycloneDX 1.6.
 * @param {object} facts
 * @param {string} facts.version
 * @param {string} facts.electron Its version.
 * @param {string} facts.time ISO 8601.
 * @param {readonly import('../notices/collect.mjs').Notice[]} facts.notices
 */
export function makeSbom({ version, electron, time, notices }) {
  /** @type {Component[]} */
  const parts = notices.map(({ name, version: release, license, source }) => ({
    type: name.endsWith('(model)') ? 'machine-learning-model' : 'library',
    name: name.replace(/ \(model\)$/, ''),
    // A native part without a version is of the release that ExecuTorch pins.
    ...(release === undefined ? {} : { version: release }),
    // A part with a source comes from outside of npm.
    ...(release === undefined || source !== undefined
      ? {}
      : { purl: `pkg:npm/${name.replace('@', '%40')}@${release}` }),
    ...(name === 'ExecuTorch' ? { version: executorch.version } : {}),
    licenses: [{ license: { id: license } }],
    ...(source === undefined ? {} : { externalReferences: [{ type: 'vcs', url: source }] }),
  }));
  /** @type {Component[]} */
  const qnn = qnnFiles
    .filter(({ name }) => /\.(dll|so|cat)$/.test(name))
    .map(({ name, sha256 }) => ({
      type: 'file',
      name,
      licenses: [{ license: { name: 'Qualcomm AI Stack License' } }],
      hashes: [{ alg: 'SHA-256', content: sha256 }],
      externalReferences: [{ type: 'distribution', url: `https://pypi.org/project/onnxruntime-qnn/#${qnnWheel}` }],
    }));
  /** @type {Component} */
  const shell = {
    type: 'framework',
    name: 'electron',
    version: electron,
    purl: `pkg:npm/electron@${electron}`,
    licenses: [{ license: { id: 'MIT' } }],
  };
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: time,
      component: { type: 'application', name: 'Wyvern', version, licenses: [{ license: { id: 'Apache-2.0' } }] },
    },
    components: [shell, ...parts, ...qnn],
  };
}
