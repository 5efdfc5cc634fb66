/** Puts the services together; what each needs is passed in. */
import { app, nativeTheme, shell } from 'electron';
import type { BrowserWindow } from 'electron';
import { stat } from 'node:fs/promises';
import type { AppInfo } from '../preload/contract.ts';
import { checkBundle, findBundle, programSummary } from './bundle-finder.ts';
import { Chat } from './chat.ts';
import { Conversations } from './conversations.ts';
import { Data } from './data.ts';
import { chooseModelFiles, chooseSaveFile, type SaveKind } from './choose-files.ts';
import { Diagnostics } from './diagnostics.ts';
import { Exchange } from './exchange/exchange.ts';
import { forkEngine } from './engine-process.ts';
import type { Services } from './handlers.ts';
import { Imports } from './imports.ts';
import { emitTo } from './ipc.ts';
import { log } from './log.ts';
import { Benchmarks } from './library/benchmarks.ts';
import { ModelFiles } from './model-files.ts';
import { ModelLibrary } from './model-library.ts';
import { ModelTemplates, templateChoiceOf } from './model-templates.ts';
import { paths } from './paths.ts';
import { Presets } from './presets.ts';
import { Quarantine } from './quarantine.ts';
import { Runs } from './runs.ts';
import { SettingsService } from './settings.ts';
import { openStore } from './store/store.ts';

/** `window` is asked each time: there is none before it opens and after it closes. */
export function createServices(window: () => BrowserWindow | undefined): Services {
  const emit = emitTo(() => window()?.webContents);
  const store = openStore(paths.store, {
    onSalvaged: (salvage) => {
      const { original, conversations, messages, lost } = salvage;
      log(
        'error',
        `The store was damaged: ${conversations} chats, ${messages} messages kept, ${lost} rows lost; ${original}`,
      );
      emit('data.salvaged', salvage);
    },
  });
  const settings = new SettingsService(store.settings, ({ theme }) => {
    nativeTheme.themeSource = theme;
  });
  const files = new ModelFiles({
    table: store.models,
    hashes: store.fileHashes,
    quiet: () => models.quiet(),
    onProgress: (progress) => emit('models.hashing', progress),
    onChange: () => models.announce(),
  });
  const models: ModelLibrary = new ModelLibrary({
    table: store.models,
    facts: store.modelFacts,
    benchmarks: store.benchmarks,
    find: findBundle,
    check: checkBundle,
    files,
    quarantine: new Quarantine({
      table: store.crashes,
      sizeOf: async (path) => (await stat(path)).size,
      hashOf: (path) => files.hashOf(path),
    }),
    summaryOf: programSummary,
    reveal: (path) => shell.showItemInFolder(path),
    idleMinutes: () => settings.idleMinutes,
    fork: () => forkEngine(settings.get().qnnFolder),
    emit,
    ownFolder: paths.library,
    defaultModel: paths.defaultModel,
    engine: () => settings.engine(),
    templateOf: (id) => templateChoiceOf(store.modelTemplates, id),
  });
  const benchmarks = new Benchmarks({ table: store.benchmarks, models, emit });
  const chat = new Chat({ store, models, benchmarks, settings, emit });
  const imports = new Imports({
    models,
    check: checkBundle,
    files,
    library: paths.library,
    chooseFiles: async (wanted) => {
      const parent = window();
      return parent ? await chooseModelFiles(parent, wanted) : [];
    },
    emit,
  });
  const conversations = new Conversations(store, chat, emit);
  const saveWhere = async (kind: SaveKind): Promise<string | undefined> => {
    const parent = window();
    return parent && (await chooseSaveFile(parent, kind));
  };
  const exchange = new Exchange({ store, chooseSave: saveWhere });
  const presets = new Presets(store.presets);
  const runs = new Runs({ run: (messageId) => chat.run(messageId), chooseFile: saveWhere });
  const appInfo = (): AppInfo => describeApp(models.runtime?.executorch);
  const data = new Data({
    store,
    path: paths.store,
    rest: () => chat.rest(),
    async renew() {
      settings.reload();
      await models.unload();
      void models.restore();
      // Everything that it shows is another.
      window()?.webContents.reload();
    },
  });
  return {
    store,
    data,
    chat,
    conversations,
    exchange,
    presets,
    runs,
    models,
    benchmarks,
    imports,
    templates: new ModelTemplates(store.modelTemplates, models),
    settings,
    appInfo,
    diagnostics: new Diagnostics({ models, settings, appInfo, chooseFile: saveWhere }),
  };
}

function describeApp(executorch: string | undefined): AppInfo {
  return {
    version: app.getVersion(),
    shell: 'electron' in process.versions ? 'electron' : 'chromium-host',
    platform: `${process.platform} ${process.arch}`,
    ...(executorch === undefined ? {} : { executorch }),
  };
}

/** What has arrived is saved, the engine has ended, the store is closed. */
export async function shutDown({ chat, models, imports, data, store }: Services): Promise<void> {
  chat.shutdown();
  await imports.shutdown();
  await models.shutdown();
  await data.stop();
  store.close();
}
