/** E6: the app stops loading a model that ends its engine. */
import { join } from 'node:path';
import { scriptedFolder } from '../main/engine/testing/bundles.ts';
import type { EngineProcess } from '../main/engine-host/engine-process.ts';
import { ManualClock } from '../main/testing/manual-clock.ts';
import type { Dice } from '../native/test/random.ts';
import type { TriedPromise } from './promise.ts';
import { tryCases } from './promise.ts';
import { inFolder } from './sample-store.ts';
import { buildEngine, forkBuilt, must, WindowlessApp } from './windowless-app.ts';

const minute = 60_000;
/** Crashes in five minutes before the app asks; for one program, at any time while loading or in its first answer. */
const most = 3;
const mostOfOneProgram = 2;

export const restartLoop: TriedPromise = {
  id: 'E6',
  says: 'an engine that keeps ending is not started again and again',
  cases: 16,
  attempt: (trial) =>
    inFolder(async (folder) => {
      const entry = await buildEngine(join(folder, 'built'));
      return await tryCases(trial, (random, index) =>
        inFolder(async (own) => {
          const kind = kinds[index % kinds.length] as Kind;
          let forks = 0;
          const fork = (): EngineProcess => {
            forks++;
            return forkBuilt(entry, { WYVERN_ADDON: `fake:${kind.script}` });
          };
          const clock = new ManualClock();
          let app = new WindowlessApp(own, { fork, clock });
          const restart = async (): Promise<WindowlessApp> => {
            await app.quit();
            app = new WindowlessApp(own, { fork, clock });
            return app;
          };
          try {
            await kind.attempt({ app, clock, forked: () => forks, random, restart, model: scriptedFolder() });
          } finally {
            await app.quit();
          }
          return 0;
        }),
      );
    }),
};

interface Scene {
  readonly app: WindowlessApp;
  readonly clock: ManualClock;
  /** Number of started engines. */
  readonly forked: () => number;
  readonly random: Dice;
  /** Restarts with the same folder. */
  readonly restart: () => Promise<WindowlessApp>;
  readonly model: string;
}

interface Kind {
  /** Script of the fake addon. */
  readonly script: string;
  readonly attempt: (scene: Scene) => Promise<void>;
}

/** Opens a model that may not load. */
async function opened(app: WindowlessApp, model: string): Promise<string> {
  const found = await app.services.additions.open([model]);
  must(found !== undefined, 'a whole model');
  return found.modelId;
}

async function failedWith(app: WindowlessApp, code: string): Promise<void> {
  const state = await app.settled();
  must(state.status === 'failed' && state.error.code === code, `${code}, not ${JSON.stringify(state)}`);
  must(state.error.message !== '' && state.error.hint !== undefined, 'a sentence and a next step');
}

const kinds: readonly Kind[] = [
  {
    script: 'crashOnLoad=true',
    async attempt({ app, forked, restart, model }: Scene): Promise<void> {
      const id = await opened(app, model);
      await failedWith(app, 'engine-crashed');
      must(forked() === 1, 'no second try by itself');
      app.services.models.load(id);
      // The app reports it after it records the crash.
      const { state } = app.services.models.current;
      if (state.status !== 'failed' || state.error.code !== 'model-quarantined')
        await app.heard('models.state', (next) => next.status === 'failed' && next.error.code === 'model-quarantined');
      must(forked() === mostOfOneProgram, `${mostOfOneProgram} tries, not ${forked()}`);
      for (let start = 0; start < 3; start++) {
        const again = await restart();
        again.services.models.load(id);
        await failedWith(again, 'model-quarantined');
      }
      must(forked() === mostOfOneProgram, `no try in later runs, not ${forked() - mostOfOneProgram}`);
    },
  },
  {
    script: 'crashAt=1',
    async attempt({ app, forked, model }: Scene): Promise<void> {
      await opened(app, model);
      for (let answer = 1; answer <= mostOfOneProgram; answer++) {
        await app.ready();
        const { state } = await app.ask('Hello').ended;
        must(state === 'interrupted', `an interrupted answer, not ${state}`);
      }
      await failedWith(app, 'model-quarantined');
      must(forked() === mostOfOneProgram, `${mostOfOneProgram} engines, not ${forked()}`);
    },
  },
  {
    script: 'rate=200&repeat=0',
    async attempt({ app, clock, forked, random, model }: Scene): Promise<void> {
      await opened(app, model);
      for (let death = 1; death <= most; death++) {
        await dieAfterAnAnswer(app);
        clock.sleep(random.below(2 * minute));
      }
      await failedWith(app, 'engine-crashed');
      must(forked() === most, `${most} engines, not ${forked()}`);
    },
  },
  {
    script: 'rate=200&repeat=0',
    async attempt({ app, clock, forked, random, model }: Scene): Promise<void> {
      await opened(app, model);
      for (let death = 1; death <= 2 * most; death++) {
        await dieAfterAnAnswer(app);
        clock.sleep((5 / 2) * minute + random.below(minute));
      }
      await app.ready();
      must(forked() === 2 * most + 1, `an engine after each death, not ${forked()}`);
    },
  },
];

/** Crashes after the first answer do not count against the program. */
async function dieAfterAnAnswer(app: WindowlessApp): Promise<void> {
  const { chat, models } = app.services;
  await app.ready();
  const first = app.ask('Hello');
  await app.told(first);
  chat.answering.stop(first.answerId);
  await first.ended;
  const second = app.ask('Hello again');
  await app.told(second);
  (await models.current.ready()).host.kill();
  await second.ended;
}
