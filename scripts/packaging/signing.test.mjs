import { expect, test } from 'vitest';
import { signingOptions } from './signing.mjs';

const all = {
  WYVERN_SIGNING_ENDPOINT: 'https://example.org',
  WYVERN_SIGNING_ACCOUNT: 'account',
  WYVERN_SIGNING_PROFILE: 'profile',
  WYVERN_SIGNING_PUBLISHER: 'CN=Somebody, O=Somebody',
};

test('nothing set means no signature', () => expect(signingOptions({ WYVERN_SIGNING_ENDPOINT: '' })).toEqual([]));

test('everything set makes a signature a must', () => {
  expect(signingOptions(all)).toEqual([
    '--config.forceCodeSigning=true',
    '--config.win.azureSignOptions.endpoint=https://example.org',
    '--config.win.azureSignOptions.codeSigningAccountName=account',
    '--config.win.azureSignOptions.certificateProfileName=profile',
    '--config.win.azureSignOptions.publisherName=CN=Somebody, O=Somebody',
  ]);
});

test('a part of it is refused by the name of what is missing', () => {
  expect(() => signingOptions({ ...all, WYVERN_SIGNING_PROFILE: '' })).toThrow('WYVERN_SIGNING_PROFILE is empty');
});
