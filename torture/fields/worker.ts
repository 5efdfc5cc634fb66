/** Tries changed model files, one a request: checks, loads, fills and asks. Replaced by its parent when a file has ended it. */
import { loadAddon } from '../../main/engine/addon.ts';
import { asFailure } from '../../main/engine/errors.ts';
import { recyclesSlots } from '../../main/engine/operators.ts';
import { prepareQnn } from '../../main/engine/qnn.ts';
import { bundleOf } from '../../main/models/bundle.ts';
import { backendsOf, operatorsOf } from '../../main/models/program/program.ts';

interface Request {
  readonly program: string;
  readonly weights: string | undefined;
}

/** How far it came, and the code of its failure. */
export interface Reply {
  readonly outcome: 'refused' | 'failed' | 'ran';
  readonly code?: string;
  readonly message?: string;
}

const addon = await loadAddon();

async function attempt({ program, weights }: Request): Promise<Reply> {
  let outcome: Reply['outcome'] = 'refused';
  try {
    const data = weights === undefined ? [] : [weights];
    const { facts } = await bundleOf({ program, data, tokenizer: '' });
    outcome = 'failed';
    prepareQnn(addon, backendsOf(facts));
    const model = await addon.Model.load({
      programPath: program,
      dataPaths: data,
      threads: 1,
      warmUp: false,
      recyclesSlots: recyclesSlots(operatorsOf(facts)),
    });
    try {
      const { vocabSize, contextLength } = model.facts;
      if (contextLength < 2) return { outcome: 'ran' };
      const prompt = Int32Array.of(1, 2, 3).map((token) => Math.min(token, vocabSize - 1));
      await model.prefill(prompt.subarray(0, contextLength - 1));
      const sampler = new addon.Sampler({ temperature: 0 });
      for (let step = 0; step < 2; step++) await model.next(sampler);
    } finally {
      await model.close();
    }
    return { outcome: 'ran' };
  } catch (error) {
    const { code, message } = asFailure(error, program);
    return { outcome, code, message };
  }
}

process.on('message', (request: Request) => {
  void attempt(request).then((reply) => process.send?.(reply));
});
process.on('disconnect', () => process.exit());
process.send?.({ ready: true });
