/**
 * Backends by the id in a program: those of ExecuTorch 1.5.0 (`backends/` of upstream's Python package) with their machines, and
 * that of `executorch-ggml`, which keeps a graph for llama.cpp's library in the program and its weights in a GGUF file.
 */
const ownBackends: ReadonlySet<string> = new Set(['XnnpackBackend', 'QnnBackend']);

const foreign: Readonly<Record<string, string>> = {
  MLXBackend: 'MLX (Apple)',
  CoreMLBackend: 'Core ML (Apple)',
  CoreAIBackend: 'Core AI (Apple)',
  MPSBackend: 'Metal (Apple)',
  MetalBackend: 'Metal (Apple)',
  VulkanBackend: 'Vulkan (Android)',
  NeuropilotBackend: 'MediaTek NPU',
  EnnBackend: 'Samsung NPU',
  OpenvinoBackend: 'OpenVINO (Intel)',
  CudaBackend: 'CUDA (NVIDIA)',
  EthosUBackend: 'Ethos-U (Arm)',
  VgfBackend: 'VGF (Arm)',
  NeutronBackend: 'Neutron (NXP)',
  GgmlBackend: 'GGML, the library of llama.cpp',
  NativeBackend: 'ExecuTorch’s native runtime',
};

/** The first backend of a program that Wyvern does not have, in people's words. */
export function foreignBackend(backends: readonly string[]): string | undefined {
  const id = backends.find((backend) => !ownBackends.has(backend));
  return id === undefined ? undefined : (foreign[id] ?? id);
}
