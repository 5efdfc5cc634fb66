import { describe, expect, it } from 'vitest';
import { chatArguments, chooseWay } from './way.mjs';

const everything = { wanted: undefined, piped: false, display: true, electron: '/electron', chromium: '/chromium' };

describe('chooseWay', () => {
  it.each([
    [{}, 'electron'],
    [{ electron: undefined }, 'chromium'],
    [{ electron: undefined, chromium: undefined }, 'terminal'],
    [{ display: false }, 'terminal'],
    [{ piped: true }, 'terminal'],
    [{ piped: true, wanted: /** @type {const} */ ('chromium') }, 'chromium'],
    [{ display: false, wanted: /** @type {const} */ ('electron') }, 'electron'],
  ])('with %o', (change, way) => {
    expect(chooseWay({ ...everything, ...change }).way).toBe(way);
  });

  it('refuses an unavailable way, with the next step', () => {
    expect(() => chooseWay({ ...everything, wanted: 'electron', electron: undefined })).toThrow(/not installed/);
    expect(() => chooseWay({ ...everything, wanted: 'chromium', chromium: undefined })).toThrow(/No Chromium/);
  });
});

describe('chatArguments', () => {
  it('makes piped prompts repeatable and leaves a terminal the model’s own sampling', () => {
    expect(chatArguments(true)).toEqual(['chat', '--temperature', '0']);
    expect(chatArguments(false)).toEqual(['chat']);
  });
});
