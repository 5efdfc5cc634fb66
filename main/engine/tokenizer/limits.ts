/** Bounds of every tokenizer file, far beyond what models have. */
export const maxTokenizerBytes = 64 * 2 ** 20;
export const maxPieces = 1_000_000;
export const maxPieceBytes = 16_384;
/** Ids stay below. */
export const maxTokenId = 2 ** 20;
