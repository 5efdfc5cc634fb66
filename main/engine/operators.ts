/** Finds the operators that a program calls and the runtime lacks, and names their providers. */
import type { Addon } from './addon.ts';
import { failure } from './errors.ts';

/** Namespace of an operator → the library with its kernels. */
const providers: Readonly<Record<string, string>> = {
  aten: 'ExecuTorch’s portable kernels',
  dim_order_ops: 'ExecuTorch’s portable kernels',
  quantized_decomposed: 'ExecuTorch’s quantized kernels (kernels_quantized)',
  llama: 'ExecuTorch’s LLM operators (extension/llm/custom_ops)',
  torchao: 'torchao’s low-bit kernels',
  cadence: 'ExecuTorch’s Cadence backend',
  cortex_m: 'ExecuTorch’s Cortex-M backend',
};
/** Maximum number of operators that a sentence names. */
const mostNamed = 8;

/**
 * @param names with overload, e.g. `llama::custom_sdpa.out`
 * @throws EngineFailure `operator-missing` that names the operators and their providers
 */
export function requireOperators(addon: Addon, program: string, names: readonly string[]): void {
  const missing = addon.missingOperators(names);
  if (missing.length > 0) throw failure('operator-missing', { path: program, reason: sayMissing(missing) });
}

/** Whether a program that calls these operators has a KV cache that overwrites its oldest slots. */
export function recyclesSlots(names: readonly string[]): boolean {
  return names.some((name) => name.startsWith('llama::update_cache_with_indices'));
}

function sayMissing(missing: readonly string[]): string {
  const named = missing.slice(0, mostNamed);
  const rest = missing.length - named.length;
  const bySource = Map.groupBy(named, sourceOf);
  const parts = [...bySource].map(([source, operators]) => `${operators.join(', ')} (from ${source})`);
  return `${parts.join('; ')}${rest > 0 ? ` and ${rest} more` : ''}.`;
}

function sourceOf(operator: string): string {
  const [namespace = ''] = operator.split('::');
  return Object.hasOwn(providers, namespace) ? (providers[namespace] ?? '') : 'a library of whoever exported it';
}
