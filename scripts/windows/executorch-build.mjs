/** Facts of ExecuTorch's build for Windows on Arm, shared by the build and its test. */

export const executorch = {
  version: '1.5.0',
  tag: 'v1.5.0',
  commit: 'f7140a46ff38e919c557d45b102d3ff26097c8c9',
  repository: 'https://github.com/pytorch/executorch',
};

/** For upstream's code generators. PyPI has no torch for Windows on Arm; PyTorch's own index has. */
export const pythonPackages = [
  ...['--extra-index-url', 'https://download.pytorch.org/whl/cpu'],
  ...['pyyaml', 'requests', 'torch==2.13.0'],
];

/** Generator for Visual Studio 2026; CMake supports it since 4.2. */
export const generator = 'Visual Studio 18 2026';

/** Both build the same sources; the release workflow measures which is faster. */
export const compilers = /** @type {const} */ (['clangcl', 'msvc']);

/** @typedef {typeof compilers[number]} Compiler */

/**
 * CMake's `-T`.
 * @param {Compiler} compiler
 */
export const toolset = (compiler) => (compiler === 'clangcl' ? 'ClangCL' : undefined);

/** Parts that Microsoft's own compiler cannot compile; XNNPACK then uses its plain NEON kernels. */
const withoutClang = ['ASSEMBLY', 'ARM_BF16', 'ARM_DOTPROD', 'ARM_I8MM', 'ARM_FP16_SCALAR', 'ARM_FP16_VECTOR'];

/**
 * Returns CMake's arguments for the tree: runtime, XNNPACK, optimized and quantized kernels as static libraries, and the QNN
 * backend as a separate DLL, all with one compiler and one C runtime.
 * @param {object} folders Absolute paths.
 * @param {string} folders.source Its name must be `executorch`, because its sources include each other by that name.
 * @param {string} folders.build
 * @param {string} folders.sdk
 * @param {string} folders.python
 * @param {string} folders.qairt
 * @param {Compiler} compiler
 */
export function configureArguments({ source, build, sdk, python, qairt }, compiler) {
  const on = [
    ...['BUILD_QNN', 'BUILD_XNNPACK', 'BUILD_KERNELS_OPTIMIZED', 'BUILD_KERNELS_QUANTIZED', 'BUILD_PTHREADPOOL'],
    ...['BUILD_CPUINFO', 'BUILD_EXTENSION_MODULE', 'BUILD_EXTENSION_DATA_LOADER', 'BUILD_EXTENSION_FLAT_TENSOR'],
    ...['BUILD_EXTENSION_NAMED_DATA_MAP', 'BUILD_EXTENSION_TENSOR'],
    // The event tracer measures the times of each step; upstream makes it part of the developer tools.
    ...['BUILD_DEVTOOLS', 'ENABLE_EVENT_TRACER', 'ENABLE_LOGGING', 'ENABLE_PROGRAM_VERIFICATION'],
  ];
  const off = ['BUILD_EXECUTOR_RUNNER', 'BUILD_EXTENSION_RUNNER_UTIL', 'BUILD_EXTENSION_EVALUE_UTIL', 'BUILD_TESTS'];
  const tools = toolset(compiler);
  // CMake reads a backslash as an escape.
  const forCMake = (/** @type {string} */ path) => path.replaceAll('\\', '/');
  return [
    ...['-S', source, '-B', build, '-G', generator, '-A', 'ARM64'],
    ...(tools === undefined ? [] : ['-T', tools]),
    // Upstream's defaults depend on it, although Visual Studio chooses at build time.
    '-DCMAKE_BUILD_TYPE=Release',
    '-DCMAKE_CXX_STANDARD=20',
    '-DCMAKE_POLICY_DEFAULT_CMP0091=NEW',
    '-DCMAKE_MSVC_RUNTIME_LIBRARY=MultiThreadedDLL',
    `-DCMAKE_INSTALL_PREFIX=${forCMake(sdk)}`,
    `-DPYTHON_EXECUTABLE=${forCMake(python)}`,
    `-DQNN_SDK_ROOT=${forCMake(qairt)}`,
    ...on.map((name) => `-DEXECUTORCH_${name}=ON`),
    ...off.map((name) => `-DEXECUTORCH_${name}=OFF`),
    // Arm's kernels for 4-bit weights need dot products.
    `-DEXECUTORCH_XNNPACK_ENABLE_KLEIDI=${compiler === 'clangcl' ? 'ON' : 'OFF'}`,
    ...withoutClang.map((name) => `-DXNNPACK_ENABLE_${name}=${compiler === 'clangcl' ? 'ON' : 'OFF'}`),
  ];
}
