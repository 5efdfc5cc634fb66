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
 * @throws {Failure} If only some variables are set: a release that should be signed must not be published unsigned.
 */
export function signingOptions(env) {
  const entries = Object.entries(variables);
  const missing = entries.filter(([, name]) => !env[name]).map(([, name]) => name);
  if (missing.length === entries.length) return [];
  if (missing.length > 0) {
    throw new Failure(`Signing is incomplete: ${missing.join(', ')} is empty.`, {
      hint: 'Set all variables that docs/release.md lists.',
    });
  }
  return [
    '--config.forceCodeSigning=true',
    ...entries.map(([option, name]) => `--config.win.azureSignOptions.${option}=${env[name] ?? ''}`),
  ];
}
