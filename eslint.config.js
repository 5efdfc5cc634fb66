import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** A folder is a process: who may import whom. The tsconfig of each folder catches what types can see; this, the rest. */
const forbid = (...patterns) => ({
  'no-restricted-imports': ['error', { patterns: patterns.map(([regex, message]) => ({ regex, message })) }],
});
const electron = ['^electron(/.*)?$', 'Only main/*.ts and preload/ may import Electron.'];
const node = ['^node:', 'No Node in the window or the preload.'];
const up = (...rooms) => [
  `^(\\.\\./)+(${rooms.join('|')})/`,
  'A room has one door; see "Who may import whom" in ARCHITECTURE.md.',
];

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
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'TSEnumDeclaration', message: 'Use a union of literals.' },
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: 'Model text is hostile.' },
        { selector: "MemberExpression[property.name='innerHTML']", message: 'Model text is hostile.' },
        { selector: "Property[key.name='sandbox'][value.value=false]", message: 'The window is sandboxed.' },
      ],
    },
  },
  {
    files: ['main/*.ts', 'main/{chat,library}/**'],
    rules: forbid(up('renderer', 'e2e', 'bench', 'export'), [
      'engine/(?!protocol|errors)',
      'main reaches the engine through engine-host.ts',
    ]),
  },
  { files: ['main/store/**'], rules: forbid(electron, up('renderer', 'engine', 'e2e')) },
  {
    files: ['main/models/**'],
    rules: forbid(electron, up('renderer', 'e2e'), [
      'engine/(?!protocol|errors|manifest|bounded-json)',
      'main/models shares the form of bundles and the sentences of errors with the engine, nothing that runs a model.',
    ]),
  },
  {
    files: ['main/exchange/**'],
    rules: forbid(electron, up('renderer', 'models', 'e2e'), [
      'engine/(?!bounded-json)',
      'main/exchange reads and writes files of chats; nothing of models.',
    ]),
  },
  { files: ['main/engine/**'], rules: forbid(electron, up('preload', 'renderer', 'store', 'models', 'e2e')) },
  { files: ['main/cli/**'], rules: forbid(electron, up('preload', 'renderer', 'store', 'e2e')) },
  { files: ['preload/**'], rules: forbid(node, up('main', 'renderer', 'native', 'e2e')) },
  { files: ['preload/contract.ts'], rules: forbid(electron, node, up('main', 'renderer', 'native', 'e2e')) },
  {
    files: ['renderer/**'],
    extends: [reactHooks.configs.flat['recommended-latest']],
    rules: forbid(electron, node, up('main', 'native', 'e2e'), [
      'preload/(?!contract)',
      'The window knows the contract only.',
    ]),
  },
  {
    files: ['**/*.test.ts', 'e2e/**', 'bench/**', 'torture/**'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off', 'no-restricted-imports': 'off' },
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
