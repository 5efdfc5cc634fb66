import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { collectReport, type Known } from './collect.ts';
import { redact, type Person } from './redact.ts';
import { reportMarkdown, reportSchema } from './report.ts';

const ada: Person = { home: 'C:\\Users\\Ada.Lovelace', user: 'Ada.Lovelace', host: 'DIFFERENCE-ENGINE' };

describe('redaction', () => {
  test.each([
    ['C:\\Users\\Ada.Lovelace\\models\\a.pte', '~\\models\\a.pte'],
    ['c:/users/ada.lovelace/models/a.pte', '~/models/a.pte'],
    ['"C:\\\\Users\\\\Ada.Lovelace\\\\a"', '"~\\\\a"'],
    ['D:\\Users\\Somebody Else\\x', 'D:\\Users\\… Else\\x'],
    ['/home/grace/x and /Users/grace/y', '/home/…/x and /Users/…/y'],
    ['“\\\\nas-of-grace\\share\\a.pte”', '“\\\\…\\share\\a.pte”'],
    ['logged in as ADA.LOVELACE on difference-engine.', 'logged in as … on ….'],
    ['Adalovelaces stay', 'Adalovelaces stay'],
  ])('is not in %j', (text, safe) => {
    expect(redact(text, ada)).toBe(safe);
  });

  test('a user name that is an ordinary word stays in the text', () => {
    const root: Person = { home: '/root', user: 'root', host: 'localhost' };
    expect(redact('/root/models, the root of all, localhost', root)).toBe('~/models, the root of all, localhost');
  });
});

const nothing: Known = {
  app: { version: '0.1.0', shell: 'electron' },
  settings: {},
  models: [],
  lastErrors: [],
};

describe('the report', () => {
  test('names the machine and the versions, and can be parsed', async () => {
    const report = await collectReport(nothing);
    expect(reportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
    expect(report.app.node).toBe(process.versions.node);
    expect(report.system).toMatchObject({ platform: process.platform, arch: process.arch, emulated: false });
    const text = reportMarkdown(report);
    expect(text).toContain(`| Node | ${process.versions.node} |`);
    expect(text).toContain('## Models\n\nNone.');
  });

  test('never identifies a person, in any field', async () => {
    const secret = fc.stringMatching(/^[a-z]{6,12}$/).filter((word) => !/^(?:models?|error|users?)$/.test(word));
    await fc.assert(
      fc.asyncProperty(secret, fc.constantFrom('/', '\\'), async (name, slash) => {
        const user = `q${name}z`;
        const person: Person = { home: `C:${slash}Users${slash}${user}`, user, host: `host-${name}-x` };
        const path = `${person.home}${slash}model.pte`;
        const report = await collectReport(
          {
            ...nothing,
            settings: { threads: 1, folder: path },
            models: [{ name: `${user} model`, bytes: 1, state: `failed: ${path}`, target: person.host }],
            lastErrors: [
              { at: 0, level: 'error', text: `Error: ${path}\n    at ${path}:1:1 (${user}@${person.host})` },
            ],
          },
          person,
        );
        const all = JSON.stringify(report) + reportMarkdown(report);
        expect(all.toLowerCase()).not.toContain(user);
        expect(all.toLowerCase()).not.toContain(person.host);
      }),
    );
  });

  test('is one table and one list for any model name', async () => {
    const report = await collectReport({
      ...nothing,
      models: [{ name: 'a | b\n# <img src=x> `c`', bytes: 1_500_000, state: 'ready', contextLength: 512 }],
      lastErrors: [{ at: 0, level: 'error', text: 'x\n```\n# y' }],
    });
    expect(reportMarkdown(report)).toContain(
      "- a \\| b # \\<img src=x> \\`c\\`: 1.5 MB, ready, context 512\n\n## Last errors\n\n```\n1970-01-01T00:00:00.000Z error x\n'''\n# y\n```",
    );
  });
});
