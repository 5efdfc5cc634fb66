/** `tokenizer.model` of SentencePiece, by the native addon. */
import type { Addon } from '../addon.ts';
import type { TokenizerConfig } from '../manifest.ts';
import { AddedTokens, escapePattern, isControl } from './added-tokens.ts';
import type { AddedToken, EncodeOptions, Section, Tokenizer } from './tokenizer.ts';
import { remembered, utf8Decoder } from './utf8-decoder.ts';

/** @throws NativeError `tokenizer-invalid` */
export function sentencePieceTokenizer(
  addon: Addon,
  model: Uint8Array,
  config: TokenizerConfig | undefined,
): Tokenizer {
  const processor = new addon.SentencePiece(model);
  const ownTokens: AddedToken[] = [];
  const matchedByProcessor: string[] = [];
  for (let id = 0; id < processor.vocabSize; id++) {
    const kind = processor.kind(id);
    if (kind !== 'control' && kind !== 'user-defined') continue;
    const token = { id, content: processor.piece(id), special: kind === 'control', lstrip: false, rstrip: false };
    // White space and words that were merely made whole pieces are the processor's own business.
    if (!isControl(token)) continue;
    ownTokens.push(token);
    if (kind === 'user-defined') matchedByProcessor.push(token.content);
  }
  const extraTokens = Object.entries(config?.added_tokens_decoder ?? {})
    .map(([id, token]): AddedToken => ({ ...token, id: Number(id) }))
    .filter(({ id }) => id >= processor.vocabSize);
  const added = new AddedTokens([...ownTokens, ...extraTokens]);
  const extraContents = new Map(extraTokens.map((token) => [token.id, token.special ? '' : token.content]));
  const control = new Set(ownTokens.filter((token) => token.special).map((token) => token.id));
  const userDefined =
    matchedByProcessor.length === 0
      ? undefined
      : new RegExp(
          matchedByProcessor
            .sort((a, b) => b.length - a.length)
            .map(escapePattern)
            .join('|'),
        );

  /** The processor itself matches user-defined symbols, so one written out by a person is cut after its first character. */
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
    if (id < processor.vocabSize) return control.has(id) ? new Uint8Array() : processor.decode(Int32Array.of(id));
    return new TextEncoder().encode(extraContents.get(id) ?? '');
  });
  const idOf = (literal: string): number | undefined => added.get(literal)?.id ?? processor.id(literal);
  const configuredEos = config?.eos_token == null ? undefined : idOf(config.eos_token);

  return {
    kind: 'sentencepiece',
    vocabSize: Math.max(processor.vocabSize, ...extraTokens.map(({ id }) => id + 1)),
    bosIds: processor.bosId >= 0 && config?.add_bos_token !== false ? [processor.bosId] : [],
    eosId: configuredEos ?? (processor.eosId >= 0 ? processor.eosId : undefined),
    addsDummyPrefix: processor.addsDummyPrefix,
    controlLiterals: added.controlLiterals,
    tokenId: idOf,
    literal: (id) =>
      extraTokens.find((token) => token.id === id)?.content ??
      (id < processor.vocabSize ? processor.piece(id) : undefined),
    encode: (text: string, { specialTokens }: EncodeOptions) =>
      encodeSections(specialTokens ? added.sections(text) : added.plainSections(text)),
    sections: (text) => added.sections(text),
    encodeSections,
    decoder: () => utf8Decoder(bytesOf),
  };
}
