/** The lint rules against running hostile text apply in every room and every kind of file. */
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { root } from './lib/places.mjs';

/** Each line must not lint, and by which of our rules. @type {readonly (readonly [code: string, rule: string])[]} */
const bad = [
  ['shell.openExternal(url);', 'no-restricted-syntax'],
  ['const { openExternal } = shell;', 'no-restricted-syntax'],
  ['const { openExternal: open } = shell;', 'no-restricted-syntax'],
  ["shell['openExternal'](url);", 'no-restricted-syntax'],
  ['shell[`openExternal`](url);', 'no-restricted-syntax'],
  ['const props = { dangerouslySetInnerHTML: { __html: text } };', 'no-restricted-syntax'],
  ['element.innerHTML = text;', 'no-restricted-syntax'],
  ["element['innerHTML'] = text;", 'no-restricted-syntax'],
  ['Object.assign(element, { innerHTML: text });', 'no-restricted-syntax'],
  ['element.outerHTML = text;', 'no-restricted-syntax'],
  ["element.insertAdjacentHTML('beforeend', text);", 'no-restricted-syntax'],
  ['range.createContextualFragment(text);', 'no-restricted-syntax'],
  ['element.setHTMLUnsafe(text);', 'no-restricted-syntax'],
  ['frame.srcdoc = text;', 'no-restricted-syntax'],
  ['document.write(text);', 'no-restricted-syntax'],
  ['document.writeln(text);', 'no-restricted-syntax'],
  ['eval(text);', 'no-eval'],
  ['window.eval(text);', 'no-restricted-syntax'],
  ['globalThis.eval(text);', 'no-restricted-syntax'],
  ['new Function(text);', 'no-new-func'],
  ['Function(text);', 'no-new-func'],
  ["setTimeout('run()', 1);", 'no-restricted-syntax'],
  ['setTimeout(`run(${text})`, 1);', 'no-restricted-syntax'],
  ["window.setInterval('run()', 1);", 'no-restricted-syntax'],
  ['const preferences = { sandbox: false };', 'no-restricted-syntax'],
  ["const preferences = { 'sandbox': false };", 'no-restricted-syntax'],
  ['preferences.sandbox = false;', 'no-restricted-syntax'],
  ['const preferences = { nodeIntegration: true };', 'no-restricted-syntax'],
  ['const preferences = { nodeIntegrationInWorker: true };', 'no-restricted-syntax'],
  ['const preferences = { nodeIntegrationInSubFrames: true };', 'no-restricted-syntax'],
  ['preferences.nodeIntegration = true;', 'no-restricted-syntax'],
  ['const preferences = { contextIsolation: false };', 'no-restricted-syntax'],
  ['const preferences = { webSecurity: false };', 'no-restricted-syntax'],
  ['const preferences = { webviewTag: true };', 'no-restricted-syntax'],
  ['const preferences = { allowRunningInsecureContent: true };', 'no-restricted-syntax'],
  ['const preferences = { experimentalFeatures: true };', 'no-restricted-syntax'],
  ["const preferences = { enableBlinkFeatures: 'Anything' };", 'no-restricted-syntax'],
];
const badElement = ['const element = <div dangerouslySetInnerHTML={{ __html: text }} />;', 'no-restricted-syntax'];

const sources = execFileSync('git', ['ls-files', '*.ts', '*.tsx', '*.mjs', '*.js'], { cwd: root, encoding: 'utf8' })
  .trim()
  .split('\n');
/** Every folder with sources: its list of rules must contain these rules. */
const folders = [...new Set(sources.map((file) => dirname(file)))];
/** Files that may name `openExternal`: one of the app, two of the tests, and the rule. */
const doors = [
  'e2e/host/conformance/life-cycle.test.ts',
  'e2e/host/desktop.ts',
  'e2e/opened-links.ts',
  'eslint.config.js',
  'main/shell/links.ts',
];

// Rules that read types need existing files; ours read only the text.
const eslint = new ESLint({
  cwd: root,
  overrideConfig: [
    { ...tseslint.configs.disableTypeChecked, files: ['**/*.{ts,tsx,mts}'] },
    { files: ['**/*.{ts,tsx}'], languageOptions: { parserOptions: { projectService: false } } },
  ],
});

/** @param {string} filePath @param {readonly (readonly string[])[]} lines */
async function rulesByLine(filePath, lines) {
  const text = lines.map(([code]) => `{ ${code} }`).join('\n');
  const [result] = await eslint.lintText(text, { filePath: join(root, filePath) });
  const messages = result?.messages ?? [];
  expect(messages.filter(({ fatal }) => fatal)).toEqual([]);
  return lines.map((_, index) =>
    messages.filter(({ line, severity }) => line === index + 1 && severity === 2).map(({ ruleId }) => ruleId),
  );
}

describe('lint refuses code that runs or opens hostile text', () => {
  test.each(folders)('in %s', async (folder) => {
    const missed = [];
    for (const name of ['invented.ts', 'invented.tsx', 'invented.mjs', 'invented.js', 'invented.test.ts']) {
      const lines = extname(name) === '.tsx' ? [...bad, badElement] : bad;
      const found = await rulesByLine(join(folder, name), lines);
      missed.push(
        ...lines.filter(([, rule], index) => !found[index]?.includes(rule ?? '')).map(([code]) => `${name}: ${code}`),
      );
    }
    expect(missed).toEqual([]);
  });

  test('only one file of the app may name openExternal', async () => {
    const opening = [['shell.openExternal(url);']];
    const may = [];
    for (const file of sources) {
      const [found] = await rulesByLine(file, opening);
      if (!found?.includes('no-restricted-syntax')) may.push(file);
    }
    expect(may.sort()).toEqual(doors);
  });

  test('no file of the app disables these rules', () => {
    const app = sources.filter((file) => /^(main|preload|renderer)\//.test(file));
    // By name, or without any name.
    const off = /eslint-disable(-next-line|-line)?\s*(\*\/|--|$|.*(restricted-syntax|eval|new-func))/m;
    expect(app.filter((file) => off.test(readFileSync(join(root, file), 'utf8')))).toEqual([]);
  });
});
