/** Reads SentencePiece's `tokenizer.model` with the native addon. */
import type { Addon } from '../addon.ts';
import { defined, type TokenizerConfig } from '../tokenizer-config.ts';
import { AddedTokens, isControl } from './added-tokens.ts';
import { AddedVocabulary, type AddedEntry } from './added-vocabulary.ts';
import { escapePattern } from './literal-finder.ts';
import type { EncodeOptions, Section, TokenDefinition, Tokenizer } from './tokenizer.ts';
import { remembered, utf8Decoder } from './utf8-decoder.ts';

type Processor = InstanceType<Addon['SentencePiece']>;

/** @throws NativeError `tokenizer-invalid` */
export function sentencePieceTokenizer(
  addon: Addon,
  model: Uint8Array,
  config: TokenizerConfig | undefined,
): Tokenizer {
  const processor = new addon.SentencePiece(model);
  const { tokens: ownTokens, matchedByProcessor } = ownTokensOf(processor);
  const entries = addedEntries(processor, ownTokens, config);
  const byId = new Map(entries.map((token) => [token.id, token]));
  const userDefined =
    matchedByProcessor.length === 0
      ? undefined
      : new RegExp(
          matchedByProcessor
            .sort((a, b) => b.length - a.length)
            .map(escapePattern)
            .join('|'),
        );

  /** The processor itself matches user-defined symbols. So a symbol in a person's text is cut after its first character. */
  const encodeText = (text: string): number[] => {
    const ids: number[] = [];
    let rest = text;
    for (let match = userDefined?.exec(rest); match; match = userDefined?.exec(rest)) {
      const [first = ''] = match[0];
      const cut = match.index + first.length;
      for (const id of processor.encode(rest.slice(0, cut))) ids.push(id);
      rest = rest.slice(cut);
    }
    if (rest !== '') for (const id of processor.encode(rest)) ids.push(id);
    return ids;
  };
  const encodeSections = (sections: readonly Section[]): number[] =>
    sections.flatMap((section) => (section.kind === 'token' ? [section.id] : encodeText(section.text)));
  const bytesOf = remembered((id) => {
    const token = byId.get(id);
    if (token?.special === true) return new Uint8Array();
    if (id < processor.vocabSize && (token === undefined || token.content === processor.piece(id))) {
      return processor.decode(Int32Array.of(id));
    }
    return new TextEncoder().encode(token?.content ?? '');
  });
  const ids = new Map(entries.map(({ content, id }) => [content, id]));
  const idOf = (literal: string): number | undefined => ids.get(literal) ?? processor.id(literal);
  const configuredEos = config?.special?.['eos_token'];
  const eosId =
    (configuredEos === undefined ? undefined : idOf(configuredEos)) ??
    (processor.eosId >= 0 ? processor.eosId : undefined);
  const ordinary = entries.filter(({ special }) => !special).map(({ id }) => id + 1);

  const within = (size: number): Tokenizer => {
    const known = (id: number | undefined): id is number => id !== undefined && id < size;
    const added = new AddedTokens(entries.filter(({ id }) => known(id)));
    return {
      kind: 'sentencepiece',
      vocabSize: Math.max(processor.vocabSize, ...entries.map(({ id }) => id + 1)),
      ordinarySize: Math.max(processor.vocabSize, ...ordinary),
      bosIds: processor.bosId >= 0 && config?.add_bos_token !== false ? [processor.bosId].filter(known) : [],
      eosId: known(eosId) ? eosId : undefined,
      addsDummyPrefix: processor.addsDummyPrefix,
      controlLiterals: added.controlLiterals,
      tokenId: (literal) => [idOf(literal)].find(known),
      literal: (id) => byId.get(id)?.content ?? (id >= 0 && id < processor.vocabSize ? processor.piece(id) : undefined),
      encode: (text: string, { specialTokens }: EncodeOptions) =>
        encodeSections(specialTokens ? added.sections(text) : added.plainSections(text)),
      sections: (text) => added.sections(text),
      encodeSections,
      within,
      decoder: () => utf8Decoder(bytesOf),
    };
  };
  return within(Number.MAX_SAFE_INTEGER);
}

function ownTokensOf(processor: Processor): {
  readonly tokens: readonly TokenDefinition[];
  /** Texts that the processor itself matches. */
  readonly matchedByProcessor: string[];
} {
  const tokens: TokenDefinition[] = [];
  const matchedByProcessor: string[] = [];
  for (let id = 0; id < processor.vocabSize; id++) {
    const kind = processor.kind(id);
    if (kind !== 'control' && kind !== 'user-defined') continue;
    const token = { ...defined(processor.piece(id), { special: kind === 'control' }), normalized: false };
    // The processor handles white space and words that are user-defined pieces.
    if (!isControl(token)) continue;
    tokens.push(token);
    if (kind === 'user-defined') matchedByProcessor.push(token.content);
  }
  return { tokens, matchedByProcessor };
}

/** The processor normalises by itself, so all tokens are matched in the original text. */
function addedEntries(
  processor: Processor,
  ownTokens: readonly TokenDefinition[],
  config: TokenizerConfig | undefined,
): readonly AddedEntry[] {
  // A configuration may rename a placeholder of the model.
  const renamed = new Map(
    config?.decoder
      ?.filter(([id, { content }]) => id < processor.vocabSize && processor.id(content) === undefined)
      .map(([id, { content }]) => [content, id]),
  );
  const vocabulary = new AddedVocabulary({
    get: (content) => renamed.get(content) ?? processor.id(content),
    size: processor.vocabSize,
  });
  const add = (tokens: readonly TokenDefinition[]): void =>
    vocabulary.add(tokens.map((token) => ({ ...token, normalized: false })));
  add(ownTokens);
  const named = new Set(Object.values(config?.special ?? {}));
  add((config?.decoder ?? []).map(([, token]) => ({ ...token, special: token.special || named.has(token.content) })));
  const known = new Set(vocabulary.entries.map(({ content }) => content));
  add((config?.mentioned ?? []).filter(({ content }) => !known.has(content)));
  return vocabulary.entries;
}
