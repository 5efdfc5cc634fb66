/** Reads the vocabulary of a GGUF: tokens with their types, and the roles of some. */
import { GgufFault } from './cursor.ts';
import { required, type Metadata } from './metadata.ts';

/** `llama_token_type`. */
export const tokenTypes = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

export interface Vocabulary {
  readonly tokens: readonly string[];
  /** A number of {@link tokenTypes} for each token. */
  readonly types: readonly number[];
  readonly bos: string | undefined;
  readonly eos: string | undefined;
  readonly unknown: string | undefined;
  readonly padding: string | undefined;
  /** Texts of the tokens that end a turn: EOS, EOT, EOM. */
  readonly ends: readonly string[];
}

/** @param size the model's number of tokens @throws GgufFault */
export function readVocabulary(metadata: Metadata, size: number): Vocabulary {
  const tokens = required('tokenizer.ggml.tokens', metadata.texts('tokenizer.ggml.tokens'));
  if (tokens.length !== size) {
    throw new GgufFault(`its tokenizer has ${tokens.length} tokens, and its weights are for ${size}.`);
  }
  const types = metadata.numbers('tokenizer.ggml.token_type') ?? tokens.map(() => tokenTypes.normal);
  if (types.length !== tokens.length || types.some((type) => !Number.isInteger(type) || type < 1 || type > 6)) {
    throw new GgufFault('its “tokenizer.ggml.token_type” does not fit its tokens.');
  }
  const role = (name: string): string | undefined => {
    const id = metadata.integer(`tokenizer.ggml.${name}_token_id`, 0, 2 ** 32 - 1);
    // Some converters write the largest number for a role that no token has.
    const token = id === undefined ? undefined : tokens[id];
    return token === '' ? undefined : token;
  };
  const ends = ['eos', 'eot', 'eom'].map(role).filter((token) => token !== undefined);
  return {
    tokens,
    types,
    bos: role('bos'),
    eos: role('eos'),
    unknown: role('unknown'),
    padding: role('padding'),
    ends: [...new Set(ends)],
  };
}
