/** E7: the app detects a hang, and does not take sleep for one. */
import { scriptedFolder } from '../main/engine/testing/bundles.ts';
import { fallAsleep, wakeUp } from '../main/services.ts';
import { ManualClock } from '../main/testing/manual-clock.ts';
import { ScriptedEngine, settled } from '../main/testing/scripted-engine.ts';
import type { Dice } from '../native/test/random.ts';
import type { TriedPromise } from './promise.ts';
import { tryCases } from './promise.ts';
import { inFolder } from './sample-store.ts';
import type { Asked } from './windowless-app.ts';
import { must, WindowlessApp } from './windowless-app.ts';

const second = 1000;
const day = 86_400 * second;
/** Longest assumed sleep after a suspend event without a resume event. */
const drowsySeconds = 60;
/** The system's events for a sleep: both, none, or one. */
const sayings = ['both', 'neither', 'suspend', 'resume'] as const;

export const sleepAndHang: TriedPromise = {
  id: 'E7',
  says: 'a hang is noticed, and sleep is not taken for one',
  cases: 125,
  async attempt(trial) {
    let sleeps = 0;
    let hangs = 0;
    const outcome = await tryCases(trial, (random, index) =>
      inFolder(async (folder) => {
        const hang = index % 5 === 4;
        const lost = await sleepInAnAnswer(folder, random, hang);
        if (hang) hangs++;
        else sleeps++;
        return lost;
      }),
    );
    return { ...outcome, note: `no alarm over ${sleeps} sleeps, and all ${hangs} hangs after one noticed` };
  },
};

/** @returns 1 if the partial answer was not saved at the suspend event */
async function sleepInAnAnswer(folder: string, random: Dice, hang: boolean): Promise<number> {
  const clock = new ManualClock();
  const engines: ScriptedEngine[] = [];
  const fork = (): ScriptedEngine => {
    const engine = new ScriptedEngine();
    engines.push(engine);
    return engine;
  };
  const app = new WindowlessApp(folder, { fork, clock });
  try {
    await app.services.additions.open([scriptedFolder()]);
    while (engines.length === 0) await settled();
    const engine = engines[0] as ScriptedEngine;
    await engine.load();
    const runs = (): boolean => engine.pid !== undefined;
    const asked = app.ask('Tell me');
    while (engine.asked('generate') === undefined) await settled();
    // Pace of the answer or its prefill; the watch allows twenty times as long.
    const stepUs = 1 + random.below(2_000_000);
    const patience = Math.floor(Math.max(10, (20 * stepUs) / 1_000_000));
    if (random.below(3) === 0) {
      engine.say({ type: 'prefilling', id: asked.answerId, chunk: { tokens: 8, wallUs: stepUs } });
    } else {
      const token = { id: 1, text: 'word', stepUs, samplingUs: 1 };
      engine.say({ type: 'tokens', id: asked.answerId, tokens: [token] });
    }
    const saying = random.pick(sayings);
    clock.pass(random.below(patience + 1) * second);
    const lost = sleep(app, clock, random, saying, asked);
    must(runs(), `no alarm over a sleep of which ${saying} was said`);
    if (hang) {
      clock.pass(patience * second);
      must(runs(), 'patience with an engine that is awake again');
      clock.pass((2 + (saying === 'suspend' ? drowsySeconds : 0)) * second);
      must(!runs(), 'a hang to be noticed');
      const { state, error } = await asked.ended;
      must(state === 'interrupted' && error?.code === 'engine-unresponsive', `an interrupted answer, not ${state}`);
      return lost;
    }
    clock.pass(random.below(patience + 1) * second);
    must(runs(), 'patience with an engine that takes up its work again');
    engine.done('word');
    const { state } = await asked.ended;
    must(state === 'complete', `a whole answer, not ${state}`);
    return lost;
  } finally {
    await app.quit();
  }
}

/** Some machines wake for moments during sleep. Returns like the function above. */
function sleep(app: WindowlessApp, clock: ManualClock, random: Dice, saying: string, asked: Asked): number {
  const { services } = app;
  let lost = 0;
  const told = saying === 'both' || saying === 'suspend';
  if (told) {
    fallAsleep(services);
    const { text } = services.chat.open(asked.conversationId).messages.at(-1) ?? { text: '' };
    if (services.store.messages.get(asked.answerId)?.text !== text) lost = 1;
    clock.pass(random.below(20) * second);
  }
  for (let sleeps = random.below(told ? 3 : 1); sleeps >= 0; sleeps--) {
    clock.sleep(4 * second + random.below(3 * day));
    if (told) clock.pass(random.below(20) * second);
  }
  if (saying === 'both' || saying === 'resume') wakeUp(services);
  return lost;
}
