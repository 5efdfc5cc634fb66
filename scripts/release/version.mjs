import { Failure } from '../lib/failure.mjs';

/**
 * Returns CHANGELOG.md's section for a release.
 * @param {string} changelog
 * @param {string} version
 * @returns {string | undefined} Undefined without a section of that name, or with an empty one.
 */
export function notesOf(changelog, version) {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((one) => one.split('\n', 1)[0]?.trim().split(/\s/)[0] === version);
  const notes = section?.slice(section.indexOf('\n')).trim();
  return notes === '' ? undefined : notes;
}

/**
 * Checks that tag, package.json and CHANGELOG.md name the same version.
 * @param {{ refType: string, refName: string, version: string, changelog: string }} facts
 * @throws {Failure}
 */
export function checkVersion({ refType, refName, version, changelog }) {
  if (!/^\d+\.\d+\.\d+$/.test(version)) {
    throw new Failure(`package.json has version ${version}; Windows needs exactly three numbers.`);
  }
  // A rehearsal on a branch is no release.
  if (refType !== 'tag') return;
  if (refName !== `v${version}`) {
    throw new Failure(`The tag is ${refName}, but package.json has version ${version}.`, {
      hint: `Tag v${version}, or change the version first.`,
    });
  }
  if (notesOf(changelog, version) === undefined) {
    throw new Failure(`CHANGELOG.md has no section for ${version}.`, {
      hint: `Name its section “## ${version}”; it becomes the release's text.`,
    });
  }
}
