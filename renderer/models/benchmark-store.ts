/** The running benchmark: its model and progress. */
import { create } from 'zustand';
import type { BenchmarkProgress } from '../../preload/contract.ts';
import { call, on } from '../bridge.ts';
import { strings } from '../strings/index.ts';
import { announce } from '../ui/announcer.tsx';
import { showError } from '../ui/toasts-store.ts';

export const useBenchmark = create<BenchmarkProgress>(() => ({}));

export function listenToBenchmarks(): void {
  on('models.measuring', (progress) => useBenchmark.setState(progress, true));
}

/** Measures the loaded model. The library entry receives the result. */
export async function startBenchmark(): Promise<void> {
  const result = await call('models.benchmark', {});
  if (!result.ok) showError(result.error);
  else announce(result.value ? strings.benchmark.finished : strings.benchmark.stopped);
}

export async function stopBenchmark(): Promise<void> {
  const result = await call('models.stopBenchmark', {});
  if (!result.ok) showError(result.error);
}
