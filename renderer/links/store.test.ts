import { describe, expect, it } from 'vitest';
import { openedAddresses, refusedAddresses } from '../../e2e/hostile/addresses.ts';
import { openableUrl } from './store.ts';

describe('an address in a text', () => {
  it.each(refusedAddresses)('%j is no link', (url) => {
    expect(openableUrl(url)).toBeUndefined();
  });

  it.each(openedAddresses)('%j is one', (url) => {
    expect(openableUrl(url)).toBe(url);
  });
});
