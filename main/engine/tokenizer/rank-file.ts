/**
 * tiktoken's rank files have one token on each line: base64 of its bytes, a space, and its rank, which is its id. They list
 * only ordinary tokens. The model defines control tokens and the pattern that cuts words (see `tiktoken.ts`).
 */
import { maxPieceBytes, maxPieces, maxTokenId } from './limits.ts';

/**
 * @returns Byte strings with one character for each byte, and their ranks
 * @throws Error with a sentence that names the fault
 */
export function readRanks(file: Uint8Array): Map<string, number> {
  const ranks = new Map<string, number>();
  const taken = new Set<number>();
  // A rank file is pure ASCII.
  for (const line of Buffer.from(file.buffer, file.byteOffset, file.byteLength).toString('latin1').split(/\r?\n/)) {
    if (line === '') continue;
    const [, token = '', digits = ''] = /^([A-Za-z0-9+/]+={0,2}) (\d{1,7})$/.exec(line) ?? [];
    if (digits === '') throw new Error(`its line ${ranks.size + 1} is not a token and its rank.`);
    if (ranks.size >= maxPieces) throw new Error(`it has more than ${maxPieces} tokens.`);
    const bytes = Buffer.from(token, 'base64').toString('latin1');
    const rank = Number(digits);
    if (bytes.length > maxPieceBytes) throw new Error(`one of its tokens is longer than ${maxPieceBytes} bytes.`);
    if (rank >= maxTokenId) throw new Error(`its rank ${rank} is beyond ${maxTokenId - 1}.`);
    if (ranks.has(bytes) || taken.has(rank)) throw new Error(`it lists a token or rank twice, at rank ${rank}.`);
    ranks.set(bytes, rank);
    taken.add(rank);
  }
  for (let byte = 0; byte < 256; byte++) {
    if (!ranks.has(String.fromCharCode(byte))) throw new Error(`it has no token for the byte ${byte}.`);
  }
  return ranks;
}
