import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type * as Addon from '../index.d.ts';
import { addonPath } from './addon-path.ts';

export const addon = createRequire(import.meta.url)(addonPath) as typeof Addon;

export function fixturePath(name: string): string {
  return fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
}

export function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** Eager PyTorch's result for one prompt; see `make_contract_fixtures.py`. */
export interface Expected {
  readonly prompt: number[];
  readonly continuation: number[];
  readonly logits: number[];
}

export const contract = readJson(fixturePath('contract.json')) as Readonly<Record<string, readonly Expected[]>>;

export function load(name: string, options: Partial<Addon.LoadOptions> = {}): Promise<Addon.Model> {
  return addon.Model.load({ programPath: fixturePath(`${name}.pte`), ...options });
}

/** Samples `count` tokens, greedily by default. */
export async function generate(
  model: Addon.Model,
  count: number,
  sampler: Addon.Sampler = new addon.Sampler(),
): Promise<Addon.Step[]> {
  const steps: Addon.Step[] = [];
  for (let i = 0; i < count; i += 1) steps.push(await model.next(sampler));
  return steps;
}

/** Returns the code that a call throws or rejects with; fails the test if the call succeeds. */
export async function codeOf(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
    throw error;
  }
  throw new Error('The call succeeded.');
}
