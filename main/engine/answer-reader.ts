/** Reads the tokens of an answer as text, with its thought apart. */
import type { OpenBundle } from './open-bundle.ts';
import { continuedAnswer } from './prompt.ts';
import type { GenerateInput } from './protocol.ts';
import { opensThought } from './thoughts/form.ts';
import { ThoughtReader, type Start } from './thoughts/reader.ts';
import type { TokenDecoder, Tokenizer } from './tokenizer/tokenizer.ts';

/** Turns the tokens of an answer into its text. */
export type AnswerReader = Pick<ThoughtReader, 'thinking' | 'push' | 'flush' | 'closing' | 'close'>;

/** Only in a chat, an answer may begin with a thought. */
export function answerReader(bundle: OpenBundle, { prompt }: GenerateInput, ids: readonly number[]): AnswerReader {
  const { tokenizer, chosen } = bundle;
  const decoder = answerDecoder(bundle, prompt);
  if (prompt.kind !== 'messages' || chosen.template === undefined) return plainReader(decoder);
  return new ThoughtReader(chosen.thoughts, tokenizer, decoder, startOf(bundle, prompt, ids));
}

function startOf(
  { tokenizer, chosen }: OpenBundle,
  prompt: Extract<GenerateInput['prompt'], { kind: 'messages' }>,
  ids: readonly number[],
): Start {
  const continued = continuedAnswer(prompt);
  if (continued !== undefined) return continued.content === '' ? 'within' : 'answer';
  return opensThought(chosen.thoughts, endOf(tokenizer, ids)) ? 'thought' : 'beginning';
}

function plainReader(decoder: TokenDecoder): AnswerReader {
  return {
    thinking: false,
    push: (id) => ({ text: decoder.push(id) }),
    flush: () => ({ text: decoder.flush() }),
    closing: '',
    close: () => ({ text: '' }),
  };
}

/** In a chat, the first space of a SentencePiece answer is notation and not part of the answer. */
function answerDecoder({ tokenizer, chosen: { template } }: OpenBundle, prompt: GenerateInput['prompt']): TokenDecoder {
  const decoder = tokenizer.decoder();
  if (prompt.kind !== 'messages' || template === undefined || !tokenizer.addsDummyPrefix) return decoder;
  // A continuation of a text may begin with a real space.
  if (prompt.continueLast === true) return decoder;
  let atStart = true;
  const strip = (text: string): string => {
    if (!atStart || text === '') return text;
    atStart = false;
    return text.startsWith(' ') ? text.slice(1) : text;
  };
  return { push: (id) => strip(decoder.push(id)), flush: () => strip(decoder.flush()) };
}

/** Returns the end of a prompt as text, with the special tokens written out. */
function endOf(tokenizer: Tokenizer, ids: readonly number[]): string {
  const decoder = tokenizer.decoder();
  const written = ids.slice(-16).map((id) => {
    const text = decoder.push(id);
    return text === '' ? (tokenizer.literal(id) ?? '') : text;
  });
  return written.join('');
}
