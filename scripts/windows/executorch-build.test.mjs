import { describe, expect, test } from 'vitest';
import { compilers, configureArguments } from './executorch-build.mjs';

const folders = { source: '/w/executorch', build: '/w/b', sdk: '/w/sdk', python: '/w/python', qairt: '/q' };

describe('the build of ExecuTorch for Windows', () => {
  // Upstream refuses a build without one of these, but only after minutes of downloads.
  const needs = /** @type {const} */ ([
    ['BUILD_EXTENSION_MODULE', ['BUILD_EXTENSION_DATA_LOADER', 'BUILD_EXTENSION_FLAT_TENSOR']],
    ['BUILD_EXTENSION_MODULE', ['BUILD_EXTENSION_NAMED_DATA_MAP']],
    ['BUILD_QNN', ['BUILD_EXTENSION_TENSOR']],
    ['BUILD_XNNPACK', ['BUILD_CPUINFO', 'BUILD_PTHREADPOOL']],
    ['ENABLE_EVENT_TRACER', ['BUILD_DEVTOOLS']],
  ]);

  test.each(compilers)('with %s has one C runtime and all options that others need', (compiler) => {
    const options = configureArguments(folders, compiler);
    expect(options).toContain('-DCMAKE_MSVC_RUNTIME_LIBRARY=MultiThreadedDLL');
    expect(options).toContain('-DCMAKE_BUILD_TYPE=Release');
    expect(options.slice(options.indexOf('-A'), options.indexOf('-A') + 2)).toEqual(['-A', 'ARM64']);
    for (const [option, others] of needs) {
      expect(options).toContain(`-DEXECUTORCH_${option}=ON`);
      for (const other of others) expect(options).toContain(`-DEXECUTORCH_${other}=ON`);
    }
    const names = options.map((one) => one.split('=')[0]).filter((one) => one?.startsWith('-D'));
    expect(new Set(names).size).toBe(names.length);
  });

  test('gives CMake paths without backslashes', () => {
    const options = configureArguments({ ...folders, sdk: 'C:\\w\\sdk', qairt: 'C:\\q\\qairt' }, 'clangcl');
    expect(options).toContain('-DCMAKE_INSTALL_PREFIX=C:/w/sdk');
    expect(options).toContain('-DQNN_SDK_ROOT=C:/q/qairt');
  });

  test('leaves XNNPACK’s fast kernels to the compiler that translates them', () => {
    const clang = configureArguments(folders, 'clangcl');
    expect(clang.slice(clang.indexOf('-T'), clang.indexOf('-T') + 2)).toEqual(['-T', 'ClangCL']);
    for (const kernels of ['ASSEMBLY', 'ARM_DOTPROD', 'ARM_I8MM']) {
      expect(clang).toContain(`-DXNNPACK_ENABLE_${kernels}=ON`);
    }
    expect(clang).toContain('-DEXECUTORCH_XNNPACK_ENABLE_KLEIDI=ON');
    const microsoft = configureArguments(folders, 'msvc');
    expect(microsoft).not.toContain('-T');
    for (const kernels of ['ASSEMBLY', 'ARM_BF16', 'ARM_DOTPROD', 'ARM_I8MM', 'ARM_FP16_SCALAR']) {
      expect(microsoft).toContain(`-DXNNPACK_ENABLE_${kernels}=OFF`);
    }
  });
});
