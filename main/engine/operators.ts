/** Which operators a program calls that the runtime does not have, and where those come from. */
import type { Addon } from './addon.ts';
import { failure } from './errors.ts';

/** Namespace of an operator → what its kernels ship in. */
const providers: Readonly<Record<string, string>> = {
  aten: 'ExecuTorch’s portable kernels',
  dim_order_ops: 'ExecuTorch’s portable kernels',
  quantized_decomposed: 'ExecuTorch’s quantized kernels (kernels_quantized)',
  llama: 'ExecuTorch’s LLM operators (extension/llm/custom_ops)',
  torchao: 'torchao’s low-bit kernels',
  cadence: 'ExecuTorch’s Cadence backend',
  cortex_m: 'ExecuTorch’s Cortex-M backend',
};
/** A sentence does not name more. */
const mostNamed = 8;

/**
 * @param names with overload, e.g. `llama::custom_sdpa.out`
 * @throws EngineFailure `operator-missing` that names them and who provides them
 */
export function requireOperators(addon: Addon, program: string, names: readonly string[]): void {
  const missing = addon.missingOperators(names);
  if (missing.length > 0) throw failure('operator-missing', { path: program, reason: sayMissing(missing) });
}

/** Whether the KV cache of a program that calls these is a ring that overwrites its oldest slots. */
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
