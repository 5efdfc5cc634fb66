/** E8: the app survives a failing NPU. It runs on Qualcomm's emulator with a stand-in library that fails on request. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../main/clock.ts';
import type { EngineProcess } from '../main/engine-host/engine-process.ts';
import { standIn } from '../main/engine/testing/qnn-stand-in.ts';
import type { AppError } from '../preload/contract.ts';
import type { Dice } from '../native/test/random.ts';
import type { TriedPromise } from './promise.ts';
import { tryCases } from './promise.ts';
import { inFolder } from './sample-store.ts';
import type { Asked } from './windowless-app.ts';
import { buildEngine, fixture, forkBuilt, hasEmulator, must, WindowlessApp } from './windowless-app.ts';

/** QNN's error and our code for it. */
const errors = [
  { number: 1002, code: 'npu-memory' },
  { number: 1007, code: 'npu-crashed' },
  { number: 1011, code: 'npu-lost' },
  { number: 1100, code: 'npu-failed' },
  { number: 5005, code: 'npu-other-chip' },
] as const;
const places = ['context', 'device', 'graph'] as const;
/** Executions that loading uses for its test step; an answer takes more. */
const mostExecutions = 24;
/** First execution of the answer, after a part of its prompt. */
const firstOfAnswer = 8;
/** One case in so many hangs; patience is a twentieth of the app's. */
const hangEvery = 10;
const hurry = 20;
/** The emulator is slow, so the case does not wait for the end of the next answer. */
const nextTokens = 3;
const none = 'execute:1000000:1007';

interface Fault {
  readonly text: string;
  readonly hangs: boolean;
  readonly expected: (error: AppError | undefined) => boolean;
}

function faultOf(random: Dice, index: number): Fault {
  if (index % hangEvery === hangEvery - 1) {
    const call = firstOfAnswer + random.below(mostExecutions - firstOfAnswer);
    return { text: `execute:${call}:hang`, hangs: true, expected: (error) => error?.code === 'engine-unresponsive' };
  }
  const { number, code } = errors[index % errors.length] as (typeof errors)[number];
  const where = random.below(2) === 0 ? `execute:${1 + random.below(mostExecutions)}` : `${random.pick(places)}:1`;
  return {
    text: `${where}:${number}`,
    hangs: false,
    expected: (error) => error?.code === code && error.message.includes(String(number)) && error.hint !== undefined,
  };
}

export const npuFailures: TriedPromise = {
  id: 'E8',
  says: 'a failure of the NPU is survived',
  cases: 100,
  unable: hasEmulator ? undefined : 'Qualcomm’s emulator is not here',
  async attempt(trial) {
    return await inFolder(async (folder) => {
      const entry = await buildEngine(join(folder, 'built'));
      let libraries = 0;
      const withFault = (fault: string): Readonly<Record<string, string>> => {
        const place = join(folder, `libraries ${libraries++}`);
        mkdirSync(place);
        return standIn(place, fault);
      };
      const sound = withFault(none);
      let next = sound;
      let haste = 1;
      const fork = (): EngineProcess => {
        const forked = forkBuilt(entry, next);
        next = sound;
        return forked;
      };
      const clock = { ...systemClock, every: (ms: number, tick: () => void) => systemClock.every(ms / haste, tick) };
      const app = new WindowlessApp(folder, { fork, clock });
      try {
        const id = await app.open(fixture('tiny-llama-qnn-kv'));
        return await tryCases(trial, async (random, index) => {
          const fault = faultOf(random, index);
          next = withFault(fault.text);
          app.services.models.load(id);
          try {
            return await meet(app, id, fault, (inHaste) => (haste = inHaste ? hurry : 1));
          } catch (cause) {
            throw new Error(fault.text, { cause });
          }
        });
      } finally {
        await app.quit();
      }
    });
  },
};

/** @returns The number of messages that differ from the window's events. */
async function meet(app: WindowlessApp, id: string, fault: Fault, hasten: (inHaste: boolean) => void): Promise<number> {
  const { models, settings } = app.services;
  const loaded = await app.settled();
  let lost = 0;
  let chat: string | undefined;
  if (loaded.status === 'ready') {
    hasten(fault.hangs);
    const asked = app.ask('Tell me about the wyvern.');
    chat = asked.conversationId;
    const { state, text, error } = await asked.ended;
    hasten(false);
    must(state === (fault.hangs ? 'interrupted' : 'failed'), `an answer that fails, not ${state}`);
    must(fault.expected(error), `the right message, not ${JSON.stringify(error)}`);
    lost = lostOf(app, asked, text);
  } else {
    must(
      loaded.status === 'failed' && fault.expected(loaded.error),
      `the right message, not ${JSON.stringify(loaded)}`,
    );
  }
  if ((await app.settled()).status === 'failed') models.load(id);
  await app.ready();
  settings.set({ maxTokens: nextTokens });
  const { text, state } = await app.ask('Hello!').ended;
  settings.set({ maxTokens: 0 });
  must(state === 'complete' && text.length > 0, `the next message to be answered, not ${state}`);
  must('Hello! I am a very small model.'.startsWith(text), `the model's words, not ${text}`);
  must(chat === undefined || app.services.chat.open(chat).messages.length === 2, 'the chat to be as it was');
  return lost;
}

function lostOf(app: WindowlessApp, { userMessageId, answerId, told }: Asked, text: string): number {
  const { messages } = app.services.store;
  const kept = [
    messages.get(userMessageId)?.text === 'Tell me about the wyvern.',
    messages.get(answerId)?.text === text && text.startsWith(told()),
  ];
  return kept.filter((whole) => !whole).length;
}
