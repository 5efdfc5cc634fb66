/**
 * Reads the tokens in `tokenizer_config.json`, `special_tokens_map.json` and `added_tokens.json` with the precedence of
 * `transformers`: if there is an `added_tokens_decoder`, the other two files do not count.
 */
import { z } from 'zod';
import { maxPieceBytes, maxPieces, maxTokenId } from './tokenizer/limits.ts';
import type { TokenDefinition } from './tokenizer/tokenizer.ts';
import { UsableFields, type LeftOut } from './usable.ts';

const text = z.string().max(1_000_000);
const content = z.string().min(1).max(maxPieceBytes);
const flag = z.boolean().nullish();

/** A token as an object. Absent fields have the library's defaults. */
const definition = z
  .looseObject({ content, special: flag, single_word: flag, normalized: flag, lstrip: flag, rstrip: flag })
  .transform((token) => defined(token.content, token));
/** A text, which means a special token, or a token as an object. */
const named = z.union([content.transform((token) => defined(token, { special: true })), definition]);

export interface NamedTemplate {
  readonly name: string;
  readonly template: string;
}

export interface TokenizerConfig {
  readonly chat_template?: string | readonly NamedTemplate[] | undefined;
  readonly add_bos_token?: boolean | undefined;
  /** The texts of `bos_token`, `eos_token` and every other `…_token`. */
  readonly special?: Readonly<Record<string, string>>;
  /** By id, from `added_tokens_decoder`. They replace the tokenizer's own definitions. */
  readonly decoder?: readonly (readonly [id: number, token: TokenDefinition])[] | undefined;
  /** The definitions of `special`, and of tokens without a name. */
  readonly named?: NamedTokens;
  readonly extra?: readonly TokenDefinition[];
  /** Tokens of other fields and files. They count if the tokenizer has no token with the same text. */
  readonly mentioned?: readonly TokenDefinition[];
  readonly leftOut?: readonly LeftOut[];
}

/** Fields of `tokenizer_config.json`. */
export const tokenizerConfigSchema = z.looseObject({}).transform((file): TokenizerConfig => {
  const fields = new UsableFields(file);
  const decoder =
    'added_tokens_decoder' in file && file['added_tokens_decoder'] !== null ? decoderOf(fields) : undefined;
  return {
    chat_template: templatesOf(fields, file['chat_template']),
    add_bos_token: fields.get('add_bos_token', z.boolean()),
    decoder,
    ...specialTokens(namedTokens(fields), extraTokens(fields)),
    leftOut: fields.leftOut,
  };
});

/** Fields of `special_tokens_map.json`, with the same names as in `tokenizer_config.json`. */
export const specialTokensMapSchema = z.looseObject({}).transform((file) => {
  const fields = new UsableFields(file);
  const named = Object.entries(namedTokens(fields)).map(([name, token]) => [name, { ...token, special: true }]);
  return { named: Object.fromEntries(named) as NamedTokens, extra: extraTokens(fields), leftOut: fields.leftOut };
});

/** `added_tokens.json`: texts and their ids. */
export const addedTokensSchema = z.looseObject({}).transform((file) => {
  const fields = new UsableFields(file);
  const ids = fields.names.flatMap((name) => {
    const id = name === '' ? undefined : fields.get(name, tokenId);
    return id === undefined ? [] : [[name, id] as const];
  });
  return { contents: ids.toSorted(([, one], [, other]) => one - other).map(([name]) => name), leftOut: fields.leftOut };
});

interface TokenFiles {
  readonly config: TokenizerConfig | undefined;
  readonly map: z.output<typeof specialTokensMapSchema> | undefined;
  readonly added: z.output<typeof addedTokensSchema> | undefined;
}

/** Combines all three files. */
export function mergedTokenizerConfig({ config, map, added }: TokenFiles): TokenizerConfig | undefined {
  if (config?.decoder !== undefined || (map === undefined && added === undefined)) return config;
  const extra = [...(config?.extra ?? []), ...(map?.extra ?? [])];
  const tokens = specialTokens({ ...config?.named, ...map?.named }, extra);
  const marked = new Set(tokens.mentioned.map((token) => token.content));
  const listed = (added?.contents ?? []).map((token) => defined(token, { special: marked.has(token) }));
  return { ...config, ...tokens, mentioned: [...listed, ...tokens.mentioned] };
}

type NamedTokens = Readonly<Record<string, TokenDefinition>>;

/** The library adds missing tokens in this order. Names that only one model uses come last. */
const usualNames = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'];

function specialTokens(
  named: NamedTokens,
  extra: readonly TokenDefinition[],
): Required<Pick<TokenizerConfig, 'special' | 'named' | 'extra' | 'mentioned'>> {
  const names = [
    ...usualNames.filter((name) => Object.hasOwn(named, name)),
    ...Object.keys(named).filter((name) => !usualNames.includes(name)),
  ];
  const tokens = names.map((name) => named[name]).filter((token) => token !== undefined);
  return {
    named,
    extra,
    special: Object.fromEntries(Object.entries(named).map(([name, token]) => [name, token.content])),
    mentioned: [...tokens, ...extra],
  };
}

const tokenId = z.number().int().min(0).lt(maxTokenId);

/** @returns definitions in ascending order of ids */
function decoderOf(fields: UsableFields): readonly (readonly [number, TokenDefinition])[] {
  return fields
    .entries('added_tokens_decoder')
    .slice(0, maxPieces)
    .flatMap(([key, value]) => {
      const id = /^\d{1,7}$/.test(key) && Number(key) < maxTokenId ? Number(key) : undefined;
      const token = fields.check(`added_tokens_decoder.${key}`, id === undefined ? `id ${key}` : value, definition);
      return id === undefined || token === undefined ? [] : [[id, token] as const];
    })
    .toSorted(([one], [other]) => one - other);
}

/** `bos_token`, `eos_token` and every other `…_token` of a model, e.g. `image_token`. */
function namedTokens(fields: UsableFields): NamedTokens {
  const tokens = fields.names.flatMap((name) => {
    if (!/^[a-z_]{1,40}_token$/.test(name) || /^(add|use|return|split)_/.test(name)) return [];
    const token = fields.get(name, named);
    return token === undefined ? [] : [[name, token] as const];
  });
  return Object.fromEntries(tokens);
}

function extraTokens(fields: UsableFields): readonly TokenDefinition[] {
  const extra = fields.names.includes('extra_special_tokens') ? 'extra_special_tokens' : 'additional_special_tokens';
  const tokens =
    fields.names.includes(extra) && isObject(fields, extra)
      ? fields.entries(extra).map(([key, value]) => fields.check(`${extra}.${key}`, value, named))
      : fields.list(extra, named, maxPieces);
  return tokens.filter((token) => token !== undefined);
}

function isObject(fields: UsableFields, name: string): boolean {
  const value = fields.get(name, z.unknown());
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One template, a list of named ones, or an object of them. */
function templatesOf(fields: UsableFields, value: unknown): TokenizerConfig['chat_template'] {
  if (value == null || typeof value === 'string') return fields.get('chat_template', text);
  if (Array.isArray(value))
    return fields.list('chat_template', z.looseObject({ name: z.string(), template: text }), 64);
  return fields.entries('chat_template').flatMap(([name, template]) => {
    const checked = fields.check(`chat_template.${name}`, template, text);
    return checked === undefined ? [] : [{ name, template: checked }];
  });
}

interface Flags {
  readonly special?: boolean | null | undefined;
  readonly single_word?: boolean | null | undefined;
  readonly normalized?: boolean | null | undefined;
  readonly lstrip?: boolean | null | undefined;
  readonly rstrip?: boolean | null | undefined;
}

/** Fills in the library's defaults: a special token is not matched in normalised text. */
export function defined(token: string, flags: Flags = {}): TokenDefinition {
  const special = flags.special ?? false;
  return {
    content: token,
    special,
    singleWord: flags.single_word ?? false,
    normalized: flags.normalized ?? !special,
    lstrip: flags.lstrip ?? false,
    rstrip: flags.rstrip ?? false,
  };
}
