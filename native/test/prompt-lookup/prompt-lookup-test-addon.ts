/** `prompt_lookup_test.node`: prompt lookup without a model. Built with the addon; not part of the app. */
import { createRequire } from 'node:module';
import { besideAddon } from '../addon-path.ts';
import type { StepOptions } from '../../index.d.ts';

/** The methods of `native/model/prompt_lookup.h`, which documents them. */
interface PromptLookup {
  draft(
    resident: Int32Array,
    last: number,
    room: number,
    drafting: NonNullable<StepOptions['promptLookup']>,
  ): Int32Array;
  sampled(token: number): void;
  measured(rows: number, wallUs: number): void;
}

interface PromptLookupTestAddon {
  readonly PromptLookup: new (mostRows: number) => PromptLookup;
}

export const { PromptLookup } = createRequire(import.meta.url)(
  besideAddon('prompt_lookup_test.node'),
) as PromptLookupTestAddon;
