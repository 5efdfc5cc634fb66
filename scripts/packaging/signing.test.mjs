import { expect, test } from 'vitest';
import { signingOptions } from './signing.mjs';

const all = {
  WYVERN_SIGNING_ENDPOINT: 'https://example.org',
  WYVERN_SIGNING_ACCOUNT: 'account',
  WYVERN_SIGNING_PROFILE: 'profile',
  WYVERN_SIGNING_PUBLISHER: 'CN=Somebody, O=Somebody',
};

test('without variables there is no signature', () =>
  expect(signingOptions({ WYVERN_SIGNING_ENDPOINT: '' })).toEqual([]));

test('all variables make a signature mandatory', () => {
  expect(signingOptions(all)).toEqual([
    '--config.forceCodeSigning=true',
    '--config.win.azureSignOptions.endpoint=https://example.org',
    '--config.win.azureSignOptions.codeSigningAccountName=account',
    '--config.win.azureSignOptions.certificateProfileName=profile',
    '--config.win.azureSignOptions.publisherName=CN=Somebody, O=Somebody',
  ]);
});

test('refuses incomplete settings and names the missing ones', () => {
  expect(() => signingOptions({ ...all, WYVERN_SIGNING_PROFILE: '' })).toThrow('WYVERN_SIGNING_PROFILE is empty');
});
