/** Contract name → service method. No logic. */
import { conversationNotFound } from './chat.ts';
import type { Chat } from './chat.ts';
import type { AppInfo, Conversation } from '../preload/contract.ts';
import type { Emit, Handlers } from './ipc.ts';
import { openLink } from './links.ts';
import type { ModelLibrary } from './model-library.ts';
import type { SettingsService } from './settings.ts';
import type { Store } from './store/store.ts';

export interface Services {
  readonly store: Store;
  readonly chat: Chat;
  readonly models: ModelLibrary;
  readonly settings: SettingsService;
  readonly emit: Emit;
  readonly appInfo: () => AppInfo;
  readonly chooseModel: () => Promise<readonly string[]>;
}

export function createHandlers({ store, chat, models, settings, emit, appInfo, chooseModel }: Services): Handlers {
  const { conversations } = store;
  const required = (conversation: Conversation | undefined): Conversation => {
    if (!conversation) throw conversationNotFound();
    return conversation;
  };
  const changed = (conversation: Conversation): Conversation => {
    emit('conversations.changed', { conversation });
    return conversation;
  };
  return {
    'app.info': appInfo,
    'conversations.list': () => conversations.list(),
    'conversations.open': ({ id }) => chat.open(id),
    'conversations.create': ({ id }) => conversations.create(id, Date.now()),
    'conversations.rename': ({ id, title }) => changed(required(conversations.rename(id, title))),
    'conversations.delete': ({ id }) => {
      chat.stopIn(id);
      if (!conversations.delete(id, Date.now())) throw conversationNotFound();
    },
    'conversations.restore': ({ id }) => required(conversations.restore(id)),
    'chat.send': (input) => chat.send(input),
    'chat.retry': (input) => chat.retry(input),
    'chat.stop': ({ answerId }) => {
      chat.stop(answerId);
    },
    'models.list': async () => ({ models: await models.list(), state: models.state }),
    'models.open': ({ paths }) => models.open(paths),
    'models.load': ({ id }) => {
      models.load(id);
    },
    'models.unload': async () => {
      await models.unload();
    },
    'models.remove': async ({ id }) => {
      await models.remove(id);
    },
    'models.choose': async () => {
      const paths = await chooseModel();
      return paths.length > 0 ? await models.open(paths) : undefined;
    },
    'settings.get': () => settings.get(),
    'settings.set': (change) => settings.set(change),
    'links.open': ({ url }) => openLink(url),
  };
}
