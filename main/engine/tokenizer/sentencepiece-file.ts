/**
 * A look at a SentencePiece model before native code parses it. Releases up to 0.2.1 crash on crafted files, so sizes
 * and counts are bounded here first. Format: protocol buffers, `sentencepiece_model.proto`; field 1 of the message is
 * one piece, of which field 1 is its text.
 */

import { maxPieceBytes, maxPieces } from './limits.ts';

/** @throws Error with a sentence that says what is wrong */
export function checkSentencePieceFile(model: Uint8Array): void {
  let pieces = 0;
  for (const field of fields(model)) {
    if (field.number !== 1) continue;
    if (field.bytes === undefined) throw new Error('its pieces are not messages.');
    if (++pieces > maxPieces) throw new Error(`it has more than ${maxPieces} pieces.`);
    for (const part of fields(field.bytes)) {
      if (part.number === 1 && (part.bytes?.length ?? 0) > maxPieceBytes) {
        throw new Error(`one of its pieces is longer than ${maxPieceBytes} bytes.`);
      }
    }
  }
  if (pieces === 0) throw new Error('it has no pieces.');
}

interface Field {
  readonly number: number;
  /** Content of a length-delimited field. */
  readonly bytes: Uint8Array | undefined;
}

function* fields(message: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = message[at++];
      if (byte === undefined) throw new Error('it ends in the middle of a field.');
      // Only lengths and field numbers are used; more than 53 bits cannot be a valid one and only needs to be skipped.
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new Error('a number in it has no end.');
  };
  const skip = (length: number): Uint8Array => {
    if (length > message.length - at) throw new Error('it is cut short.');
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const key = varint();
    const number = Math.floor(key / 8);
    switch (key % 8) {
      case 0:
        varint();
        yield { number, bytes: undefined };
        break;
      case 1:
        skip(8);
        yield { number, bytes: undefined };
        break;
      case 2:
        yield { number, bytes: skip(varint()) };
        break;
      case 5:
        skip(4);
        yield { number, bytes: undefined };
        break;
      default:
        throw new Error('it is not a protocol buffer.');
    }
  }
}
