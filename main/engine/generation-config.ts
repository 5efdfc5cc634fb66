/** The fields of Hugging Face's `generation_config.json` and `config.json` that Wyvern uses. */
import { z } from 'zod';
import { recommendedSampling, type RecommendedSampling } from './manifest.ts';
import { maxTokenId } from './tokenizer/limits.ts';
import { UsableFields, type LeftOut } from './usable.ts';

const maxEnds = 256;
const tokenId = z.number().int().min(0).lt(maxTokenId);
const sampling = recommendedSampling.shape;

export interface GenerationConfig {
  readonly bosId?: number;
  /** Every id that ends an answer. */
  readonly eosIds: readonly number[];
  /** Texts that end an answer. */
  readonly stopStrings: readonly string[];
  readonly sampling: RecommendedSampling;
  readonly leftOut: readonly LeftOut[];
}

export const generationConfigSchema = z.looseObject({}).transform((file): GenerationConfig => {
  const fields = new UsableFields(file);
  const temperature = fields.get('temperature', sampling.temperature);
  const bosId = fields.get('bos_token_id', tokenId);
  return {
    ...(bosId === undefined ? {} : { bosId }),
    eosIds: fields.list('eos_token_id', tokenId, maxEnds),
    stopStrings: fields.list('stop_strings', z.string().min(1).max(4096), maxEnds),
    sampling: recommendedSampling.parse({
      // Without `do_sample`, `transformers` ignores the temperature.
      temperature: fields.get('do_sample', z.boolean()) === false ? 0 : temperature,
      topK: fields.get('top_k', sampling.topK),
      topP: fields.get('top_p', sampling.topP),
      minP: fields.get('min_p', sampling.minP),
      repetitionPenalty: fields.get('repetition_penalty', sampling.repetitionPenalty),
    }),
    leftOut: fields.leftOut,
  };
});

/** Ids in `config.json`, or in its `text_config` if the model also takes images or sound. */
export const modelConfigSchema = z
  .looseObject({})
  .transform((file): Pick<GenerationConfig, 'bosId' | 'eosIds' | 'leftOut'> => {
    const whole = new UsableFields(file);
    const text = new UsableFields(Object.fromEntries(whole.entries('text_config')));
    const bosId = whole.get('bos_token_id', tokenId) ?? text.get('bos_token_id', tokenId);
    const eosIds = whole.list('eos_token_id', tokenId, maxEnds);
    return {
      ...(bosId === undefined ? {} : { bosId }),
      eosIds: eosIds.length > 0 ? eosIds : text.list('eos_token_id', tokenId, maxEnds),
      leftOut: [
        ...whole.leftOut,
        ...text.leftOut.map(({ field, value }) => ({ field: `text_config.${field}`, value })),
      ],
    };
  });
