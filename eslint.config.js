import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';
import { catalogue } from './scripts/eslint/catalogue.mjs';
import { roomRules } from './scripts/eslint/rooms.mjs';

/** Code that could run or open hostile text. Every room repeats this list, because a later list replaces an earlier one. */
const named = (names, message) => [
  { selector: `Identifier[name=/^(${names})$/]`, message },
  { selector: `JSXIdentifier[name=/^(${names})$/]`, message },
  { selector: `Literal[value=/^(${names})$/]`, message },
  { selector: `TemplateElement[value.raw=/^(${names})$/]`, message },
];
const opening = named('openExternal', 'Only main/shell/links.ts opens addresses, after it has looked at them.');
const markup = named(
  'dangerouslySetInnerHTML|innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|' +
    'setHTML|setHTMLUnsafe|parseHTMLUnsafe|srcdoc|srcDoc|allowDangerousHtml',
  'Text is hostile: make elements of it, not markup.',
);
const writing = {
  selector: 'MemberExpression[object.name="document"][property.name=/^write(ln)?$/]',
  message: 'Text is hostile: make elements of it, not markup.',
};
const evaluating = [
  'MemberExpression[property.name="eval"]',
  'CallExpression[callee.name=/^set(Timeout|Interval)$/][arguments.0.type=/^(Literal|TemplateLiteral)$/]',
  'CallExpression[callee.object.name=/^(window|globalThis|self)$/][callee.property.name=/^set(Timeout|Interval)$/]' +
    '[arguments.0.type=/^(Literal|TemplateLiteral)$/]',
].map((selector) => ({ selector, message: 'Text is never run.' }));
const preference = (names, to) => {
  const is = (side) => (to === undefined ? '' : `[${side}.value=${to}]`);
  return [
    `Property[key.name=/^(${names})$/]${is('value')}`,
    `Property[key.value=/^(${names})$/]${is('value')}`,
    `AssignmentExpression[left.property.name=/^(${names})$/]${is('right')}`,
  ].map((selector) => ({ selector, message: 'The window is sandboxed, isolated and without Node.' }));
};
const preferences = [
  ...preference('sandbox|contextIsolation|webSecurity', false),
  ...preference(
    'nodeIntegration|nodeIntegrationInWorker|nodeIntegrationInSubFrames|webviewTag|allowRunningInsecureContent|' +
      'experimentalFeatures',
    true,
  ),
  ...preference('enableBlinkFeatures'),
];
const dangers = (...more) => ({
  'no-restricted-syntax': ['error', ...markup, writing, ...evaluating, ...preferences, ...more],
  'no-eval': 'error',
  'no-new-func': 'error',
});
const movers = ['rename', 'rm', 'rmdir', 'unlink'];
const oneDoorForHeldFiles = [
  ['node:fs', movers.flatMap((name) => [name, `${name}Sync`])],
  ['node:fs/promises', movers],
].map(([name, importNames]) => ({
  name,
  importNames,
  message: 'main/files/held.ts renames and removes: on Windows another program may hold the file.',
}));
const enums = { selector: 'TSEnumDeclaration', message: 'Use a union of literals.' };

export default tseslint.config(
  { ignores: ['out/', 'build/', 'dist/', 'node_modules/', '.venv*/', 'resources/', 'native/build/'] },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  { files: ['**/*.{ts,tsx,mjs,js}'], rules: dangers(...opening, enums) },
  {
    // The one file that may use it, its stand-ins in the Chromium host and in tests, and this list.
    files: [
      ...['main/shell/links.ts', 'e2e/host/desktop.ts', 'e2e/host/conformance/life-cycle.test.ts'],
      ...['e2e/opened-links.ts', 'eslint.config.js'],
    ],
    rules: dangers(enums),
  },
  {
    // scripts/eslint/rooms.mjs says who may import whom.
    files: ['{main,preload,renderer,e2e,bench,torture}/**/*.{ts,tsx}'],
    plugins: { rooms: roomRules(import.meta.dirname) },
    rules: { 'rooms/may-import': 'error', 'rooms/no-value-cycle': 'error' },
  },
  {
    // Only main/server opens a socket; scripts/eslint/rooms.mjs refuses the modules elsewhere.
    files: ['{main,preload,renderer}/**/*.{ts,tsx}'],
    ignores: ['**/*.test.{ts,tsx}', '**/testing/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource', 'WebTransport', 'RTCPeerConnection'].map((name) => ({
          name,
          message: 'Only main/server opens a socket, and it only listens.',
        })),
      ],
    },
  },
  {
    // main/files/held.ts tries again while another program holds the file.
    files: ['main/**/*.ts'],
    ignores: ['main/files/**', 'main/testing/**', '**/testing/**', '**/fixtures/**', '**/*.test.ts'],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { paths: oneDoorForHeldFiles }] },
  },
  {
    files: ['renderer/**'],
    extends: [reactHooks.configs.flat['recommended-latest']],
  },
  {
    files: ['renderer/**/*.{ts,tsx}'],
    ignores: ['**/*.test.ts'],
    plugins: { catalogue },
    rules: {
      'catalogue/words-in-catalogue': 'error',
      'catalogue/strings-read-late': 'error',
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: 'preload/contract(?!/values)',
              allowTypeImports: true,
              message: 'Values come from contract/values.ts: the window carries no schema library.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['**/*.test.ts', 'e2e/**', 'bench/**', 'torture/**'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off', 'no-restricted-imports': 'off' },
  },
  {
    // The pages of the checks see an untyped bridge, as each check's preload offers another one.
    files: ['e2e/host/conformance/*.test.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: {
      globals: {
        console: 'readonly',
        process: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        Buffer: 'readonly',
        fetch: 'readonly',
        performance: 'readonly',
      },
    },
  },
  prettier,
);
