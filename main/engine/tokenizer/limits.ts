/** Limits for every tokenizer file, far above the needs of models. */
export const maxTokenizerBytes = 64 * 2 ** 20;
export const maxPieces = 1_000_000;
export const maxPieceBytes = 16_384;
/** Ids must be below this. */
export const maxTokenId = 2 ** 20;
