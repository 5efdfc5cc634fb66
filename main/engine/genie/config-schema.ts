/**
 * The shape of `genie_config.json`, and the keys that Wyvern knows. Sources: Qualcomm's Genie documentation ("Dialog JSON
 * configuration"), and the configurations that AI Hub writes (`ai-hub-models`, `utils/llm_helpers.py`).
 */
import { z } from 'zod';
import { maxTokenId } from '../tokenizer/limits.ts';

const count = z
  .number()
  .int()
  .positive()
  .max(2 ** 31);
const factor = z.number().positive().max(1e9);
/** −1 stands for none. */
const tokenId = z.number().int().min(-1).lt(maxTokenId);
const tokenIds = z.union([tokenId.transform((id) => [id]), z.array(tokenId).max(256)]);
const factors = z.array(factor).min(1).max(4096);
const fileName = z.string().min(1).max(4096);

const scaling = z.looseObject({
  'rope-type': z.string().max(64).optional(),
  factor: factor.optional(),
  'low-freq-factor': factor.optional(),
  'high-freq-factor': factor.optional(),
  'original-max-position-embeddings': count.optional(),
  'short-factor': factors.optional(),
  'long-factor': factors.optional(),
});
const engine = z.looseObject({
  backend: z.looseObject({
    type: z.string().max(64),
    extensions: fileName.optional(),
    QnnHtp: z
      .looseObject({
        'kv-dim': count.optional(),
        'pos-id-dim': count.optional(),
        'rope-theta': factor.optional(),
      })
      .optional(),
  }),
  model: z.looseObject({
    type: z.string().max(64),
    binary: z.looseObject({ 'ctx-bins': z.array(fileName).min(1).max(1000) }).optional(),
    'positional-encoding': z
      .looseObject({
        type: z.string().max(64),
        'rope-dim': count.optional(),
        'rope-theta': factor.optional(),
        'rope-scaling': scaling.optional(),
      })
      .optional(),
  }),
});

export const genieSchema = z.looseObject({
  dialog: z.looseObject({
    type: z.string().max(64),
    context: z.looseObject({
      size: count,
      'n-vocab': count,
      'bos-token': tokenId.optional(),
      'eos-token': tokenIds,
      'eot-token': tokenIds.optional(),
    }),
    sampler: z
      .looseObject({
        temp: z.number().min(0).max(5).optional(),
        'top-k': z.number().int().min(0).max(1_000_000).optional(),
        'top-p': z.number().gt(0).max(1).optional(),
        greedy: z.boolean().optional(),
      })
      .optional(),
    'stop-sequence': z.array(z.string().min(1).max(4096)).max(64).optional(),
    embedding: z
      .looseObject({
        type: z.string().max(64).optional(),
        'lut-path': fileName,
        size: count,
        datatype: z.string().max(64).optional(),
        'quant-param': z.looseObject({ scale: factor, offset: z.number().int().min(-65_535).max(0) }).optional(),
      })
      .optional(),
    engine: z.union([engine, z.array(engine).min(1).max(16)]),
  }),
});

export type GenieJson = z.output<typeof genieSchema>;

/** Keys of each object, with `true` for any value. */
type Known = { readonly [key: string]: Known | true };

const known: Known = {
  dialog: {
    version: true,
    type: true,
    'max-num-tokens': true,
    'stop-sequence': true,
    context: {
      ...{ version: true, size: true, 'n-vocab': true, 'n-embd': true, 'draft-n-vocab': true },
      ...{ 'bos-token': true, 'eos-token': true, 'eot-token': true, 'pad-token': true },
    },
    sampler: { version: true, type: true, seed: true, temp: true, 'top-k': true, 'top-p': true, greedy: true },
    tokenizer: { version: true, path: true },
    embedding: { version: true, type: true, 'lut-path': true, size: true, datatype: true, 'quant-param': true },
    engine: {
      version: true,
      'n-threads': true,
      backend: {
        version: true,
        type: true,
        extensions: true,
        QnnHtp: {
          ...{ version: true, 'use-mmap': true, 'mmap-budget': true, 'spill-fill-bufsize': true, 'cpu-mask': true },
          ...{ poll: true, 'kv-dim': true, 'pos-id-dim': true, 'rope-theta': true, 'allow-async-init': true },
          ...{ 'enable-graph-switching': true, 'graph-retention-order': true, 'shared-engine': true },
          ...{ 'data-alignment-size': true, 'direct-io': true, 'kv-update-method': true },
        },
      },
      model: {
        version: true,
        type: true,
        binary: { version: true, 'ctx-bins': true },
        'positional-encoding': { type: true, 'rope-dim': true, 'rope-theta': true, 'rope-scaling': true },
      },
    },
  },
};

/** Keys that Wyvern does not know, with their place, e.g. `dialog.engine.longcontext`. */
export function unknownKeys(json: GenieJson): readonly (readonly [field: string, value: unknown])[] {
  return keysBeyond(json, known, '');
}

function keysBeyond(value: unknown, keys: Known, place: string): (readonly [string, unknown])[] {
  if (Array.isArray(value)) return value.flatMap((one) => keysBeyond(one, keys, place));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = place === '' ? key : `${place}.${key}`;
    const next = Object.hasOwn(keys, key) ? keys[key] : undefined;
    if (next === undefined) return [[here, inner] as const];
    return next === true ? [] : keysBeyond(inner, next, here);
  });
}
