/** Decoders of `tokenizer.json`, applied to one token at a time, so that the cost of a token does not grow with the answer. */

import { flatten, type Component } from './components.ts';

export interface DecodeSteps {
  /** Tokens use the byte-level alphabet. */
  readonly byteLevel: boolean;
  /** Texts to replace in a token, in order, e.g. `▁` by a space. */
  readonly replacements: readonly (readonly [from: string, to: string])[];
  /** `<0x0A>` stands for a byte. */
  readonly byteFallback: boolean;
  /** The encoder puts a space before the first word. */
  readonly addsDummyPrefix: boolean;
}

/** @throws Error for a decoder that cannot work token by token */
export function decodeSteps(decoder: Component | null, preTokenizer: Component | null): DecodeSteps {
  const replacements: [string, string][] = [];
  let byteLevel = false;
  let byteFallback = false;
  let addsDummyPrefix = false;
  for (const step of flatten(decoder, 'decoders')) {
    switch (step.type) {
      case 'ByteLevel':
        byteLevel = true;
        break;
      case 'ByteFallback':
        byteFallback = true;
        break;
      case 'Metaspace':
        replacements.push([typeof step['replacement'] === 'string' ? step['replacement'] : '▁', ' ']);
        addsDummyPrefix ||= step['prepend_scheme'] !== 'never' && step['add_prefix_space'] !== false;
        break;
      case 'Replace':
        replacements.push(replacement(step));
        break;
      case 'BPEDecoder':
        replacements.push([typeof step['suffix'] === 'string' ? step['suffix'] : '</w>', ' ']);
        break;
      case 'Strip':
        addsDummyPrefix ||= step['content'] === ' ' && Number(step['start'] ?? 0) > 0;
        break;
      case 'Fuse':
        break;
      default:
        throw new Error(`its decoder “${step.type}” is not one a language model uses.`);
    }
  }
  if (decoder === null) {
    byteLevel = flatten(preTokenizer, 'pretokenizers').some((step) => step.type === 'ByteLevel');
  }
  return { byteLevel, replacements, byteFallback, addsDummyPrefix };
}

/** Returns the bytes of a token that is not byte-level. */
export function pieceDecoder(steps: Pick<DecodeSteps, 'byteFallback' | 'replacements'>): (token: string) => Uint8Array {
  const utf8 = new TextEncoder();
  return (token) => {
    const byte = steps.byteFallback ? /^<0x([0-9A-Fa-f]{2})>$/.exec(token)?.[1] : undefined;
    if (byte !== undefined) return Uint8Array.of(Number.parseInt(byte, 16));
    return utf8.encode(steps.replacements.reduce((text, [from, to]) => text.replaceAll(from, to), token));
  };
}

function replacement(step: Component): [string, string] {
  const { pattern, content } = step;
  const from = typeof pattern === 'object' && pattern !== null && 'String' in pattern ? pattern.String : undefined;
  if (typeof from !== 'string' || from === '' || typeof content !== 'string') {
    throw new Error('its decoder replaces by a pattern, which is not supported.');
  }
  return [from, content];
}
