import { describe, expect, it } from 'vitest';
import { isWrittenByGit, subjectFault } from './commit-subject.mjs';

describe('a commit subject', () => {
  it.each([
    'Add a check of commit subjects',
    'Pass the token ids as one buffer',
    'Feed the KV cache in chunks',
    'Bring back the focus ring',
    'Embed the font',
    'Focus the message box after an import',
    'Re-read the program after a change',
    `Say ${'x'.repeat(68)}`,
  ])('may be “%s”', (subject) => {
    expect(subjectFault(subject)).toBeUndefined();
  });

  it.each([
    ['Added a check', '"Added"'],
    ['Adds a check', '"Adds"'],
    ['Adding a check', '"Adding"'],
    ['add a check', 'capitalised verb'],
    ['fix: add a check', 'capitalised verb'],
    ['Add a check.', 'full stop'],
    [`Say ${'x'.repeat(69)}`, '73 characters'],
    ['', 'capitalised verb'],
  ])('may not be “%s”', (subject, fault) => {
    expect(subjectFault(subject)).toContain(fault);
  });

  it('counts characters, not UTF-16 units', () => {
    expect(subjectFault(`Say ${'😀'.repeat(68)}`)).toBeUndefined();
  });
});

it('leaves the subjects alone that Git writes', () => {
  expect(['fixup! Add x', 'Merge abc into def', 'Revert "Add x"'].every(isWrittenByGit)).toBe(true);
  expect(isWrittenByGit('Merging branches')).toBe(false);
});
