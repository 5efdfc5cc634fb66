/** Creates the services and passes each its dependencies. Imports no Electron, so that tests create the same services. */
import { stat } from 'node:fs/promises';
import { languageOf } from '../preload/contract/values.ts';
import type { AppInfo, Emit } from '../preload/contract.ts';
import { checkBundle, findBundle, programSummary } from './library/bundle-finder.ts';
import { Chat } from './chat/chat.ts';
import { Closing } from './chat/closing.ts';
import { ChatStores } from './chat/chat-stores.ts';
import { Conversations } from './chat/conversations.ts';
import { Data } from './data.ts';
import { DocumentReader } from './documents/document-reader.ts';
import { Diagnostics } from './diagnostics/diagnostics.ts';
import { ChatImports } from './exchange/chat-imports.ts';
import { Exchange } from './exchange/exchange.ts';
import type { System } from './shell/system.ts';
import { Additions } from './library/additions.ts';
import { log } from './log.ts';
import { Benchmarks } from './library/benchmarks.ts';
import { ModelFiles } from './library/model-files.ts';
import { BackgroundHashing } from './library/hashing.ts';
import { Catalogue } from './library/catalogue.ts';
import { CurrentModel } from './library/current-model.ts';
import { ModelLibrary } from './library/model-library.ts';
import { ModelTemplates, templateChoiceOf } from './library/model-templates.ts';
import { Presets } from './chat/presets.ts';
import { Quarantine } from './library/quarantine.ts';
import { Prompts } from './chat/prompts.ts';
import { Runs } from './chat/runs.ts';
import { SettingsService } from './chat/settings.ts';
import { ServerHost } from './server-host/server-host.ts';
import { TokenFile } from './server-host/token-file.ts';
import { Turns } from './library/turns.ts';
import { openStore, type Store } from './store/store.ts';

export interface Services {
  readonly store: Store;
  readonly chat: Chat;
  readonly conversations: Conversations;
  readonly exchange: Exchange;
  readonly chatImports: ChatImports;
  readonly documents: DocumentReader;
  readonly presets: Presets;
  readonly prompts: Prompts;
  readonly runs: Runs;
  readonly models: ModelLibrary;
  readonly benchmarks: Benchmarks;
  readonly additions: Additions;
  readonly templates: ModelTemplates;
  readonly diagnostics: Diagnostics;
  readonly settings: SettingsService;
  readonly data: Data;
  readonly closing: Closing;
  readonly server: ServerHost;
  readonly appInfo: () => AppInfo;
}

export function createServices(system: System): Services {
  const { paths, clock, chooseSave } = system;
  const emit: Emit = (name, payload) => {
    system.emit(name, payload);
    if (name === 'models.state') server.modelChanged(current.state);
  };
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
  const settings = new SettingsService(store.settings, system.useAppearance);
  const files = new ModelFiles({ hashes: store.fileHashes });
  const quarantine = new Quarantine({
    table: store.crashes,
    sizeOf: async (path) => (await stat(path)).size,
    hashOf: (path) => files.hashOf(path),
  });
  const catalogue = new Catalogue({
    table: store.models,
    facts: store.modelFacts,
    benchmarks: store.benchmarks,
    find: findBundle,
    check: checkBundle,
    summaryOf: programSummary,
    files,
    quarantine,
    ownFolder: paths.library,
    reveal: system.reveal,
    emit,
  });
  const current = new CurrentModel({
    catalogue,
    files,
    quarantine,
    fork: () => system.fork(settings.get().qnnFolder),
    clock,
    engine: () => settings.engine(),
    templateOf: (id) => templateChoiceOf(store.modelTemplates, id),
    idleMinutes: () => settings.idleMinutes,
    emit,
  });
  const hashing = new BackgroundHashing({
    table: store.models,
    files,
    quiet: () => current.quiet(),
    onProgress: (progress) => emit('models.hashing', progress),
    onChange: () => catalogue.announce(),
  });
  const models = new ModelLibrary({ catalogue, current, hashing, defaultModel: paths.defaultModel });
  const turns: Turns = new Turns(() => server.turnChanged());
  const benchmarks = new Benchmarks({ table: store.benchmarks, current, catalogue, turns, emit });
  const chats = new ChatStores(store);
  const chat = new Chat({ chats, current, models, benchmarks, turns, settings, emit });
  const server: ServerHost = new ServerHost({
    fork: system.forkServer,
    current,
    turns,
    tokens: new TokenFile(paths.serverToken),
    settings: () => settings.get(),
    emit: system.emit,
  });
  const additions = new Additions({
    catalogue,
    models,
    check: checkBundle,
    files,
    library: paths.library,
    chooseFiles: system.chooseFiles,
    emit,
  });
  const conversations = new Conversations(store, chats, chat, emit);
  const exchange = new Exchange({ store, chooseSave });
  const chatImports = new ChatImports({
    store,
    chooseFiles: (folder) => system.chooseFiles(folder ? 'chatFolder' : 'chats'),
    onProgress: (progress) => emit('chats.importing', progress),
  });
  const presets = new Presets({
    table: store.presets,
    transaction: store.transaction,
    chooseSave,
    chooseFile: async () => (await system.chooseFiles('presets'))[0],
  });
  const prompts = new Prompts({
    table: store.prompts,
    flags: store.settings,
    transaction: store.transaction,
    language: () => languageOf(settings.get().language, system.preferredLanguages()),
    chooseSave,
    chooseFile: async () => (await system.chooseFiles('prompts'))[0],
    readClipboard: system.readClipboard,
  });
  const runs = new Runs({ run: (messageId) => chat.run(messageId), chooseFile: chooseSave });
  const appInfo = (): AppInfo => {
    const executorch = current.runtime?.executorch;
    return { ...system.about(), ...(executorch === undefined ? {} : { executorch }) };
  };
  const data = new Data({
    store,
    path: paths.store,
    pause: async () => {
      await chatImports.cancel();
      await chat.answering.pause();
    },
    async onReplaced() {
      settings.reload();
      await server.follow();
      await current.unload();
      void models.restore();
      // The window shows data of the old store.
      system.reload();
    },
  });
  return {
    store,
    data,
    closing: new Closing({ hasUnkept: () => chats.hasUnkept, emit, close: system.close }),
    server,
    chat,
    conversations,
    exchange,
    chatImports,
    documents: new DocumentReader({ fork: system.forkDocuments, clock }),
    presets,
    prompts,
    runs,
    models,
    benchmarks,
    additions,
    templates: new ModelTemplates(store.modelTemplates, current),
    settings,
    appInfo,
    diagnostics: new Diagnostics({ models, settings, appInfo, chooseFile: chooseSave }),
  };
}

/** Saves the running answer, ends the engine and closes the store. */
export async function shutDown(services: Services): Promise<void> {
  const { chat, chatImports, models, additions, data, server, store } = services;
  chat.answering.shutdown();
  await server.shutdown();
  await chatImports.cancel();
  await additions.shutdown();
  await models.shutdown();
  await data.stop();
  store.close();
}

/** The machine is about to sleep: saves the running answer, and silence does not count until the wake-up. */
export function fallAsleep({ chat, models }: Pick<Services, 'chat' | 'models'>): void {
  models.current.suspend();
  chat.answering.save();
}

export function wakeUp({ models }: Pick<Services, 'models'>): void {
  models.current.resume();
}
