/** Puts the services together; what each needs is passed in. */
import { app, dialog, nativeTheme } from 'electron';
import type { BrowserWindow } from 'electron';
import type { AppInfo } from '../preload/contract.ts';
import { findBundle, targetOf } from './bundle-finder.ts';
import { Chat } from './chat.ts';
import { Conversations } from './conversations.ts';
import { chooseModelFiles, chooseSaveFile } from './choose-files.ts';
import { forkEngine } from './engine-process.ts';
import type { Services } from './handlers.ts';
import { emitTo } from './ipc.ts';
import { log } from './log.ts';
import { ModelLibrary } from './model-library.ts';
import { paths } from './paths.ts';
import { Presets } from './presets.ts';
import { Runs } from './runs.ts';
import { SettingsService } from './settings.ts';
import { openStore } from './store/store.ts';

/** `window` is asked each time: there is none before it opens and after it closes. */
export function createServices(window: () => BrowserWindow | undefined): Services {
  const store = openStore(paths.store);
  if (store.damaged) {
    log('error', `The chats could not be read; the file was put aside as ${store.damaged}`);
    dialog.showErrorBox(
      'Your chats could not be read',
      `The file they were in is damaged. It was kept as\n${store.damaged}\nand Wyvern begins with an empty list.`,
    );
  }
  const emit = emitTo(() => window()?.webContents);
  const settings = new SettingsService(store.settings, ({ theme }) => {
    nativeTheme.themeSource = theme;
  });
  const models = new ModelLibrary({
    table: store.models,
    find: findBundle,
    targetOf,
    fork: () => forkEngine(settings.get().qnnFolder),
    emit,
    defaultModel: paths.defaultModel,
    engine: () => settings.engine(),
  });
  const chat = new Chat({ store, models, settings, emit });
  const chooseModel = async (): Promise<readonly string[]> => {
    const parent = window();
    return parent ? await chooseModelFiles(parent) : [];
  };
  const conversations = new Conversations(store, chat, emit);
  const presets = new Presets(store.presets);
  const runs = new Runs({
    run: (messageId) => chat.run(messageId),
    chooseFile: async (kind) => {
      const parent = window();
      return parent && (await chooseSaveFile(parent, kind));
    },
  });
  return {
    store,
    chat,
    conversations,
    presets,
    runs,
    models,
    settings,
    appInfo: () => describeApp(models.runtime?.executorch),
    chooseModel,
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
export async function shutDown({ chat, models, store }: Services): Promise<void> {
  chat.shutdown();
  await models.shutdown();
  store.close();
}
