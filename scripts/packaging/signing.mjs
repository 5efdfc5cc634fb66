import { Failure } from '../lib/failure.mjs';

/** electron-builder's names for what Azure Artifact Signing has to know, and the variables that bring it. */
const variables = {
  endpoint: 'WYVERN_SIGNING_ENDPOINT',
  codeSigningAccountName: 'WYVERN_SIGNING_ACCOUNT',
  certificateProfileName: 'WYVERN_SIGNING_PROFILE',
  publisherName: 'WYVERN_SIGNING_PUBLISHER',
};

/**
 * electron-builder's options for signing; none if nothing is set, and then the package stays unsigned.
 * @param {NodeJS.ProcessEnv} env
 * @returns {string[]}
 * @throws {Failure} If only some of it is set: a release that somebody meant to sign must not go out unsigned.
 */
export function signingOptions(env) {
  const entries = Object.entries(variables);
  const missing = entries.filter(([, name]) => !env[name]).map(([, name]) => name);
  if (missing.length === entries.length) return [];
  if (missing.length > 0) {
    throw new Failure(`Signing is set up by half: ${missing.join(', ')} is empty.`, {
      hint: 'docs/release.md has the list.',
    });
  }
  return [
    '--config.forceCodeSigning=true',
    ...entries.map(([option, name]) => `--config.win.azureSignOptions.${option}=${env[name] ?? ''}`),
  ];
}
