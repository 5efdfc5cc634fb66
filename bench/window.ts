/** Compares tokens per second in the window, as a person sees them, with the bare native loop. */
import { availableParallelism } from 'node:os';
import { answerInWindow, withDefaultModel } from './answer-in-window.ts';
import { median, round, type Figure } from './figure.ts';
import { startOurs, type ProgramFiles } from './speed.ts';

const rounds = 5;

/** Drives the built app with its default model. */
export async function windowFigure(files: ProgramFiles): Promise<Figure> {
  const native = await startOurs(files, availableParallelism());
  const inWindow: number[] = [];
  const inLoop: number[] = [];
  try {
    await withDefaultModel(async (chat, page) => {
      for (let run = -1; run < rounds; run++) {
        const { tokens, ms } = await answerInWindow(chat, page);
        const { ms: loopMs } = await native.measure({ do: 'loop', tokens: tokens - 1 });
        if (run < 0) continue;
        inWindow.push((1000 * (tokens - 1)) / ms);
        inLoop.push((1000 * (tokens - 1)) / loopMs);
      }
    });
  } finally {
    await native.end();
  }
  return {
    name: 'tokens/s in the window / native loop',
    value: median(inWindow.map((rate, index) => rate / (inLoop[index] ?? Number.NaN))),
    unit: '×',
    target: { atLeast: 0.97 },
    detail: `${round(median(inWindow))} and ${round(median(inLoop))} tokens/s`,
  };
}
