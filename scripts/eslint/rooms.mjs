/**
 * Who may import whom: one entry a room, and the lint rules that hold it. ARCHITECTURE.md has the same table; a test
 * compares the two. Tests, benchmarks and scripts may import any room.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';

/** @typedef {import('@typescript-eslint/utils').TSESTree.Node} Node */
/** @template {string} Id @typedef {import('@typescript-eslint/utils').TSESLint.RuleModule<Id>} Rule */

/**
 * @typedef {object} Room
 * @property {string} name As ARCHITECTURE.md names it
 * @property {readonly string[]} files Files, or folders with a slash at the end
 * @property {string} idea What the room is for
 * @property {readonly string[]} imports Files and folders of other rooms that it may import
 * @property {boolean} [electron] May import Electron
 * @property {boolean} [node] May import Node's modules
 * @property {boolean} [sockets] May import the modules that open connections
 */

const contract = ['preload/contract.ts', 'preload/contract/values.ts'];
const basics = ['main/failure.ts', 'main/log.ts', 'main/clock.ts'];
const engineTypes = ['main/engine/protocol.ts'];

/** From the lowest floor up: a room imports rooms above it in this list only. @type {readonly Room[]} */
export const rooms = [
  {
    name: 'preload/contract',
    files: ['preload/contract.ts', 'preload/contract/', 'preload/names.ts'],
    idea: 'calls, events, errors and their types',
    imports: [],
  },
  {
    name: 'preload',
    files: ['preload/'],
    idea: 'the bridge in the page’s isolated world',
    imports: [...contract, 'preload/names.ts'],
    electron: true,
  },
  { name: 'renderer', files: ['renderer/'], idea: 'the window: React, no Node', imports: contract },
  {
    name: 'main/strings',
    files: ['main/strings/'],
    idea: 'words of menus and dialogs',
    imports: contract,
  },
  {
    name: 'main/files',
    files: ['main/files/'],
    idea: 'files of others: names, reading, renaming and removing them on every system',
    imports: [],
    node: true,
  },
  {
    name: 'main/engine',
    files: ['main/engine/'],
    idea: 'the engine process: tokenizer, templates, token loop, statistics',
    imports: [...contract, 'native/index.d.ts', 'main/files/'],
    node: true,
  },
  {
    name: 'main/store',
    files: ['main/store/'],
    idea: 'chats, models and settings in SQLite',
    imports: [...contract, 'main/files/'],
    node: true,
  },
  {
    name: 'basics of main/',
    files: [...basics, 'main/app-error.ts'],
    idea: 'failures, log, clock',
    imports: [...contract, 'main/engine/errors.ts', 'main/store/database.ts', 'main/store/sqlite-errors.ts'],
    node: true,
  },
  {
    name: 'main/models',
    files: ['main/models/'],
    idea: 'bundles on disk: pairing, checking, copying',
    imports: [
      ...contract,
      'main/failure.ts',
      'main/app-error.ts',
      ...engineTypes,
      'main/engine/bounded-json.ts',
      'main/engine/bundle-files.ts',
      'main/engine/errors.ts',
      'main/engine/genie/config.ts',
      'main/engine/manifest.ts',
      'main/engine/published-layout.ts',
      'main/files/',
    ],
    node: true,
  },
  {
    name: 'main/gguf',
    files: ['main/gguf/'],
    idea: 'GGUF files: reading them, and making bundles from them',
    imports: [
      ...contract,
      'main/failure.ts',
      'main/app-error.ts',
      'main/engine/errors.ts',
      'main/files/',
      'main/models/addition/disk.ts',
    ],
    node: true,
  },
  {
    name: 'main/exchange',
    files: ['main/exchange/'],
    idea: 'files of chats, presets and prompts: export and import',
    imports: [
      ...contract,
      'main/failure.ts',
      'main/app-error.ts',
      'main/engine/bounded-json.ts',
      'main/files/',
      'main/store/',
      'main/strings/',
    ],
    node: true,
  },
  {
    name: 'main/server',
    files: ['main/server/'],
    idea: 'the local server, a process that alone opens a socket: OpenAI’s interface to the loaded model',
    imports: [...contract, 'main/failure.ts', ...engineTypes, 'main/engine/bounded-json.ts', 'main/engine/pacer.ts'],
    node: true,
    sockets: true,
  },
  {
    name: 'main/documents',
    files: ['main/documents/'],
    idea: 'documents that are attached: the process that reads one, and the main process’s side of it',
    imports: [...contract, ...basics, 'main/engine/addon.ts', 'main/engine/cage.ts'],
    node: true,
  },
  {
    name: 'main/engine-host',
    files: ['main/engine-host/'],
    idea: 'the engine process as the main process sees it',
    imports: [...contract, ...basics, ...engineTypes],
    node: true,
  },
  {
    name: 'main/library',
    files: ['main/library/'],
    idea: 'the models a person has, and the one that is loaded',
    imports: [
      ...contract,
      'native/index.d.ts',
      ...basics,
      'main/app-error.ts',
      ...engineTypes,
      'main/files/',
      'main/store/',
      'main/models/',
      'main/gguf/',
      'main/engine-host/',
      'resources/published-models.json',
    ],
    node: true,
  },
  {
    name: 'main/server-host',
    files: ['main/server-host/'],
    idea: 'the process of the local server as the main process sees it',
    imports: [
      ...contract,
      ...basics,
      'main/app-error.ts',
      ...engineTypes,
      'main/files/',
      'main/server/gate.ts',
      'main/server/protocol.ts',
      'main/models/default-sampling.ts',
      'main/engine-host/',
      'main/library/',
    ],
    node: true,
  },
  {
    name: 'main/chat',
    files: ['main/chat/'],
    idea: 'chats, answers, presets, prompts, settings',
    imports: [
      ...contract,
      ...basics,
      'main/app-error.ts',
      ...engineTypes,
      'main/engine/pacer.ts',
      'main/files/',
      'main/store/',
      'main/strings/',
      'main/models/default-sampling.ts',
      'main/exchange/',
      'main/engine-host/',
      'main/library/',
    ],
    node: true,
  },
  {
    name: 'main/diagnostics',
    files: ['main/diagnostics/'],
    idea: 'the report for support, and facts of the machine',
    imports: [
      ...contract,
      'native/index.d.ts',
      ...basics,
      'main/strings/',
      'main/models/',
      'main/exchange/',
      'main/library/',
      'main/chat/',
    ],
    node: true,
  },
  {
    name: 'main/shell',
    files: ['main/shell/'],
    idea: 'Electron: window, security, menu, dialogs, IPC, the forks of processes',
    imports: [
      ...contract,
      ...basics,
      'main/app-error.ts',
      ...engineTypes,
      'main/strings/',
      'main/server/protocol.ts',
      'main/documents/',
      'main/engine-host/',
      'main/server-host/',
    ],
    electron: true,
    node: true,
  },
  {
    name: 'root of main/',
    files: ['main/index.ts', 'main/services.ts', 'main/handlers.ts', 'main/data.ts', 'main/smoke-test.ts'],
    idea: 'start, wiring, the contract’s handlers, the smoke test',
    imports: [
      ...contract,
      ...basics,
      'main/app-error.ts',
      ...engineTypes,
      'main/files/',
      'main/store/',
      'main/exchange/',
      'main/documents/',
      'main/engine-host/',
      'main/library/',
      'main/server-host/',
      'main/chat/',
      'main/diagnostics/',
      'main/shell/',
    ],
    electron: true,
    node: true,
  },
  {
    name: 'main/cli',
    files: ['main/cli/'],
    idea: 'the command line, in plain Node',
    imports: [
      ...contract,
      'main/failure.ts',
      'main/files/',
      'main/engine/',
      'main/server/',
      'main/models/',
      'main/gguf/',
      'main/diagnostics/',
      'package.json',
    ],
    node: true,
  },
];

/** @param {string} list @param {string} path */
const covers = (list, path) => (list.endsWith('/') ? path.startsWith(list) : path === list);

/** The room with the most exact entry for a path. @param {string} path */
export function roomOf(path) {
  /** @type {[length: number, room: Room] | undefined} */
  let best;
  for (const room of rooms) {
    for (const entry of room.files) {
      if (covers(entry, path) && (best === undefined || entry.length > best[0])) best = [entry.length, room];
    }
  }
  return best?.[1];
}

/** Lists that ARCHITECTURE.md names by one word. */
const groups = /** @type {const} */ ([
  ['contract', contract],
  ['basics', basics],
]);

/** The rows of ARCHITECTURE.md's table. */
export function roomTable() {
  const cell = (/** @type {readonly string[]} */ paths) => {
    const whole = groups.filter(([, group]) => group.every((path) => paths.includes(path)));
    const others = paths.filter((path) => !whole.some(([, group]) => group.includes(path)));
    return [...whole.map(([name]) => name), ...others.map((path) => `\`${path}\``)].join(', ');
  };
  return rooms.map(({ name, idea, imports, electron = false, node = false, sockets = false }) => [
    name.includes(' ') ? name : `\`${name}/\``,
    idea,
    [cell(imports), ...(electron ? ['Electron'] : []), ...(node ? ['Node'] : []), ...(sockets ? ['sockets'] : [])]
      .filter(Boolean)
      .join(', ') || 'nothing',
  ]);
}

/** Modules of Node that listen, connect, or ask another machine. */
const connecting = new Set([
  ...['http', 'https', 'http2', 'net', 'tls', 'dgram', 'quic', 'inspector', 'inspector/promises'],
  ...['dns', 'dns/promises'],
]);

/**
 * Why a file may not import a module; undefined if it may.
 * @param {string} from Path from the root, with slashes @param {string} module As the import names it
 */
export function whyNot(from, module) {
  const room = roomOf(from);
  if (room === undefined || isTest(from)) return undefined;
  if (/^electron(\/|$)/.test(module)) return room.electron ? undefined : `${room.name} must not import Electron.`;
  if (connecting.has(module.replace(/^node:/, '')) && room.sockets !== true) {
    return `${room.name} must not import ${module}: only main/server opens a socket.`;
  }
  if (module.startsWith('node:')) return room.node ? undefined : `${room.name} must not import Node’s modules.`;
  if (!module.startsWith('.')) return undefined;
  const target = posix.normalize(posix.join(posix.dirname(from), module));
  if (roomOf(target) === room || room.imports.some((entry) => covers(entry, target))) return undefined;
  return `${room.name} must not import ${target}: ARCHITECTURE.md says what each room may import.`;
}

/** @param {string} path */
const isTest = (path) => /\.test\.tsx?$|(^|\/)testing\/|(^|\/)fixtures\//.test(path);

/** Modules that run when a file is loaded: types are erased, all other imports are not. */
const valueImport = /^(?:import|export)\s+(?!type\b)(?:[^'";]*?\sfrom\s+)?'(\.[^']+)'/gm;

/** @type {Map<string, readonly string[]>} */
const imported = new Map();

/** @param {string} file Absolute @returns {readonly string[]} */
function valueImportsOf(file) {
  const known = imported.get(file);
  if (known !== undefined) return known;
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const found = [...text.matchAll(valueImport)].map(([, module = '']) => join(dirname(file), module));
  imported.set(file, found);
  return found;
}

/** The files of a cycle through `start`, or undefined. @param {string} start Absolute */
export function valueCycle(start) {
  /** @type {Map<string, string>} */
  const cameFrom = new Map();
  const waiting = [start];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    for (const next of valueImportsOf(file)) {
      if (next === start) {
        const path = [file];
        for (let at = file; at !== start; path.unshift(at)) at = cameFrom.get(at) ?? start;
        return path;
      }
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, file);
      waiting.push(next);
    }
  }
  return undefined;
}

/** @param {string} root Absolute path of the checkout */
export function roomRules(root) {
  const pathOf = (/** @type {string} */ file) => relative(root, file).split(sep).join('/');
  /** @type {Rule<'refused'>} */
  const mayImport = {
    defaultOptions: [],
    meta: { type: 'problem', schema: [], messages: { refused: '{{why}}' } },
    create(context) {
      const from = pathOf(context.filename);
      const check = (/** @type {Node | null | undefined} */ source) => {
        if (source?.type !== 'Literal' || typeof source.value !== 'string') return;
        const why = whyNot(from, source.value);
        if (why !== undefined) context.report({ node: source, messageId: 'refused', data: { why } });
      };
      return {
        ImportDeclaration: ({ source }) => check(source),
        ExportNamedDeclaration: ({ source }) => check(source),
        ExportAllDeclaration: ({ source }) => check(source),
        ImportExpression: ({ source }) => check(source),
      };
    },
  };
  /** @type {Rule<'cycle'>} */
  const noValueCycle = {
    defaultOptions: [],
    meta: { type: 'problem', schema: [], messages: { cycle: 'These files import values of each other: {{files}}' } },
    create: (context) => ({
      Program(node) {
        const cycle = valueCycle(context.filename);
        if (cycle !== undefined) {
          context.report({ node, messageId: 'cycle', data: { files: cycle.map(pathOf).join(' → ') } });
        }
      },
    }),
  };
  return { rules: { 'may-import': mayImport, 'no-value-cycle': noValueCycle } };
}
