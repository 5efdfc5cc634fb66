/**
 * Checks the flags that CMakeLists.txt passes to Microsoft's compiler and linker. CMake configures it for Windows on Arm
 * against a package with the target names of a source build, with cmake-js's settings, and compiles nothing.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { at, pythonOf, root } from '../lib/places.mjs';

const tools = dirname(pythonOf(at('.venv')));

const targets = [
  ...['executorch', 'executorch_core', 'optimized_native_cpu_ops_lib', 'quantized_ops_lib', 'xnnpack_backend'],
  ...['extension_module_static', 'extension_data_loader', 'extension_flat_tensor', 'extension_tensor'],
  ...['extension_threadpool'],
];

/** @type {string} */
let folder;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wyvern-configure-'));
  // Set the results of CMake's own detection, because there is no compiler.
  const detected = {
    CMAKE_SYSTEM_NAME: 'Windows',
    CMAKE_SYSTEM_PROCESSOR: 'ARM64',
    CMAKE_CXX_COMPILER: process.execPath,
    CMAKE_CXX_COMPILER_ID: 'MSVC',
    CMAKE_CXX_COMPILER_VERSION: '19.50',
    CMAKE_CXX_COMPILER_ID_RUN: 'TRUE',
    CMAKE_CXX_COMPILER_FORCED: 'TRUE',
    CMAKE_CXX_STANDARD_COMPUTED_DEFAULT: '14',
    MSVC_CXX_ARCHITECTURE_ID: 'ARM64',
    CMAKE_AR: '/bin/echo',
    CMAKE_LINKER: process.execPath,
    CMAKE_MT: process.execPath,
    CMAKE_RC_COMPILER: process.execPath,
  };
  writeFileSync(
    join(folder, 'toolchain.cmake'),
    Object.entries(detected)
      .map(([name, value]) => `set(${name} "${value}")\n`)
      .join(''),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

/**
 * @param {object} options
 * @param {readonly string[]} [options.package] Targets that the installed ExecuTorch has.
 * @param {readonly string[]} [options.settings]
 */
function configure({ package: present = targets, settings = ['-DWYVERN_EXECUTORCH_VERSION=1.5.0'] }) {
  const sdk = join(folder, 'sdk');
  const config = join(sdk, 'lib', 'cmake', 'ExecuTorch');
  mkdirSync(config, { recursive: true });
  writeFileSync(
    join(config, 'executorch-config.cmake'),
    [
      'set(EXECUTORCH_INCLUDE_DIRS C:/sdk/include)',
      ...present.map(
        (name) =>
          `add_library(${name} STATIC IMPORTED)\nset_target_properties(${name} PROPERTIES IMPORTED_LOCATION C:/sdk/lib/${name}.lib)`,
      ),
    ].join('\n'),
  );
  const library = join(folder, 'sentencepiece');
  mkdirSync(library, { recursive: true });
  writeFileSync(
    join(library, 'sentencepiece-config.cmake'),
    'add_library(sentencepiece::sentencepiece STATIC IMPORTED)\nset_target_properties(sentencepiece::sentencepiece PROPERTIES IMPORTED_LOCATION C:/spm/lib/sentencepiece.lib)\n',
  );
  writeFileSync(
    join(library, 'sentencepiece-config-version.cmake'),
    'set(PACKAGE_VERSION 0.2.3)\nset(PACKAGE_VERSION_COMPATIBLE TRUE)\n',
  );
  const build = mkdtempSync(join(folder, 'build-'));
  const { status, stdout, stderr } = spawnSync(
    join(tools, 'cmake'),
    [
      ...['-S', root, '-B', build, '-G', 'Ninja', `-DCMAKE_MAKE_PROGRAM=${join(tools, 'ninja')}`],
      ...[`-DCMAKE_TOOLCHAIN_FILE=${join(folder, 'toolchain.cmake')}`, `-DCMAKE_PREFIX_PATH=${sdk}`],
      `-Dsentencepiece_DIR=${library}`,
      '-DCMAKE_BUILD_TYPE=Release',
      // Like cmake-js on Windows, in Node-API mode.
      '-DCMAKE_MSVC_RUNTIME_LIBRARY=MultiThreaded$<$<CONFIG:Debug>:Debug>',
      '-DCMAKE_CXX_FLAGS=-DBUILDING_NODE_EXTENSION',
      '-DCMAKE_SHARED_LINKER_FLAGS=/DELAYLOAD:NODE.EXE',
      '-DCMAKE_JS_NODELIB_DEF=C:/node_api.def',
      '-DCMAKE_JS_NODELIB_TARGET=/wyvern/node.lib',
      '-DCMAKE_JS_LIB=/wyvern/node.lib',
      `-DCMAKE_JS_SRC=${at('node_modules', 'cmake-js', 'lib', 'cpp', 'win_delay_load_hook.cc')}`,
      ...settings,
    ],
    { encoding: 'utf8' },
  );
  return { status, stdout, stderr, build };
}

/** @param {string} rules @param {string} name */
const setting = (rules, name) => new RegExp(`^  ${name} = (.*)$`, 'm').exec(rules)?.[1] ?? '';

describe.runIf(process.platform === 'linux')('CMakeLists.txt for Windows on Arm', () => {
  /** @type {string} */
  let link;
  /** @type {string} */
  let compile;
  /** @type {string} */
  let said;
  beforeAll(() => {
    const { status, stdout, stderr, build } = configure({});
    expect(stderr).toBe('');
    expect(status).toBe(0);
    said = stdout;
    const rules = readFileSync(join(build, 'build.ninja'), 'utf8');
    link = rules.slice(rules.indexOf('CXX_MODULE_LIBRARY_LINKER__wyvern_Release'));
    compile = rules.slice(rules.indexOf('native/addon.cpp.obj: CXX_COMPILER__wyvern'));
  });

  test('Node’s functions come from the program that loads the addon', () => {
    expect(said).toContain('/def:C:/node_api.def /out:/wyvern/node.lib /machine:ARM64');
    expect(setting(link, 'LINK_FLAGS')).toContain('/DELAYLOAD:NODE.EXE');
    expect(setting(link, 'LINK_LIBRARIES')).toMatch(/\/wyvern\/node\.lib .*\bdelayimp\.lib/);
    expect(link.split('\n')[0]).toContain('win_delay_load_hook.cc.obj');
  });

  test.each(['executorch', 'optimized_native_cpu_ops_lib', 'quantized_ops_lib', 'xnnpack_backend'])(
    'all of %s is linked, since it only registers itself',
    (name) => expect(setting(link, 'LINK_FLAGS').split(' ')).toContain(`/WHOLEARCHIVE:C:/sdk/lib/${name}.lib`),
  );

  test('it shares the C runtime with ExecuTorch, against cmake-js’s default', () => {
    expect(setting(compile, 'FLAGS')).toMatch(/ -MD( |$)/);
    expect(setting(compile, 'FLAGS')).not.toMatch(/ -MT( |$)/);
  });

  test('it compiles like upstream’s tree, with exceptions', () => {
    const defines = setting(compile, 'DEFINES').split(' ');
    for (const define of ['C10_USING_CUSTOM_GENERATED_MACROS', 'ET_EVENT_TRACER_ENABLED', 'ET_USE_THREADPOOL']) {
      expect(defines).toContain(`-D${define}`);
    }
    expect(defines).toContain('-DWYVERN_EXECUTORCH_VERSION=\\"1.5.0\\"');
    expect(setting(compile, 'FLAGS')).toContain('/EHsc');
    expect(setting(compile, 'INCLUDES')).toContain('C:/sdk/include');
  });

  test('it links SentencePiece and knows its release', () => {
    expect(setting(link, 'LINK_LIBRARIES')).toContain('C:/spm/lib/sentencepiece.lib');
    expect(setting(compile, 'DEFINES').split(' ')).toContain('-DWYVERN_SENTENCEPIECE_VERSION=\\"0.2.3\\"');
  });

  test('it links the libraries of the Windows functions that it calls', () => {
    expect(setting(link, 'LINK_LIBRARIES')).toMatch(/\bversion\.lib\b.*\bkernel32\.lib\b/);
  });

  test('sources of other systems are left out', () => {
    expect(link.split('\n')[0]).toContain('shared_library_windows.cpp.obj');
    expect(link.split('\n')[0]).not.toContain('_posix.cpp');
  });

  test('refuses an incomplete package and names the missing part', () => {
    const { status, stderr } = configure({ package: targets.filter((name) => name !== 'quantized_ops_lib') });
    expect(status).toBe(1);
    expect(stderr).toMatch(/was built without\s+quantized_ops_lib/);
  });

  test('a package without a release needs the option, with release 1.5', () => {
    expect(configure({ settings: [] }).stderr).toMatch(/names no\s+release/);
    expect(configure({ settings: ['-DWYVERN_EXECUTORCH_VERSION=1.6.0'] }).stderr).toMatch(
      /is\s+ExecuTorch\s+1\.6\.0\./,
    );
  });
});
