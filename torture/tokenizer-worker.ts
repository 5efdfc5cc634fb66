/** Opens crafted SentencePiece models with the addon, one a request. Forked, so that a crash ends this process alone. */
import { loadAddon } from '../main/engine/addon.ts';
import { asFailure } from '../main/engine/errors.ts';
import { sentencePieceMutant } from '../native/test/sentencepiece-mutants.ts';

export interface Request {
  readonly seed: number;
  readonly index: number;
}

export interface Reply {
  readonly what: string;
  /** Ids, or a refusal with its code. `wrong`: how the promise was broken. */
  readonly outcome: 'ids' | 'refused' | { readonly wrong: string };
  /** Most memory that this process has had so far. */
  readonly peakBytes: number;
}

const texts = [
  ...['', ' ', 'aaaa aaaa!', 'a wyvern sleeps on the hill <s><mask>drag ﬁ①', '  日本語 🙂\u0000\ud800 ﬁ\n\n<0x0A>'],
  ...['x'.repeat(300), 'a'.repeat(20_000), ' '.repeat(1000), '▁'.repeat(500), 'ﷺ'.repeat(200)],
];

const addon = await loadAddon();

function use({ seed, index }: Request): Omit<Reply, 'peakBytes'> {
  const { what, bytes } = sentencePieceMutant(seed, index);
  try {
    const model = new addon.SentencePiece(bytes);
    for (const text of texts) {
      const ids = model.encode(text);
      model.decode(ids);
      for (const id of new Set(ids)) {
        if (id < 0 || id >= model.vocabSize) return { what, outcome: { wrong: `${id} is no id` } };
        if (model.kind(id) === 'control') return { what, outcome: { wrong: `text became the control piece ${id}` } };
      }
    }
    return { what, outcome: 'ids' };
  } catch (error) {
    const { code, message } = asFailure(error);
    return { what, outcome: code === 'tokenizer-invalid' ? 'refused' : { wrong: `${code}: ${message}` } };
  }
}

process.on('message', (request: Request) => {
  const reply: Reply = { ...use(request), peakBytes: process.resourceUsage().maxRSS * 1024 };
  process.send?.(reply);
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
