/** Maps each name of the contract to a method of a service. No logic. */
import type { Handlers } from './shell/ipc.ts';
import type { Services } from './services.ts';
import { publishedModels } from './library/published.ts';
import { openLink } from './shell/links.ts';

export function createHandlers(services: Services): Handlers {
  const {
    chat,
    conversations,
    exchange,
    chatImports,
    documents,
    presets,
    prompts,
    runs,
    models,
    benchmarks,
    templates,
    additions,
    diagnostics,
    settings,
    data,
    closing,
    server,
    appInfo,
  } = services;
  const { catalogue, current } = models;
  return {
    'app.info': appInfo,
    'app.close': ({ close }) => {
      closing.answer(close);
    },
    'conversations.list': ({ limit, after }) => conversations.list(limit, after),
    'conversations.open': ({ id }) => conversations.open(id),
    'conversations.earlier': ({ before, through }) => chat.earlier(before, through),
    'conversations.create': ({ id, settings: own }) => conversations.create(id, own),
    'conversations.rename': ({ id, title }) => conversations.rename(id, title),
    'conversations.pin': ({ ids, pinned }) => {
      conversations.pin(ids, pinned);
    },
    'conversations.duplicate': ({ id, newId, title }) => conversations.duplicate(id, { id: newId, title }),
    'conversations.delete': ({ ids }) => {
      conversations.delete(ids);
    },
    'conversations.restore': ({ ids }) => conversations.restore(ids),
    'conversations.configure': ({ id, settings: own }) => {
      conversations.configure(id, own);
    },
    'conversations.setContextPolicy': ({ id, policy }) => conversations.setContextPolicy(id, policy),
    'conversations.search': ({ text, limit }) => conversations.search(text, limit),
    'temporary.begin': ({ id, settings: own }) => conversations.beginTemporary(id, own),
    'temporary.keep': ({ id }) => conversations.keepTemporary(id),
    'temporary.end': async ({ id }) => {
      await conversations.endTemporary(id);
    },
    'chats.export': ({ ids, form }) => exchange.export(ids, form),
    'chats.recognise': async ({ paths }) => ({ paths: await chatImports.recognise(paths) }),
    'chats.import': ({ paths }) => chatImports.import(paths),
    'chats.chooseImport': ({ folder }) => chatImports.choose(folder),
    'chats.cancelImport': async () => {
      await chatImports.cancel();
    },
    'drafts.get': ({ conversationId }) => conversations.draft(conversationId),
    'drafts.set': ({ conversationId, text, attachments }) => {
      conversations.setDraft(conversationId, { text, attachments });
    },
    'documents.read': (document) => documents.read(document),
    'presets.list': () => presets.list(),
    'presets.save': (preset) => presets.save(preset),
    'presets.rename': ({ id, name }) => presets.rename(id, name),
    'presets.delete': ({ id }) => presets.delete(id),
    'presets.export': ({ id }) => presets.export(id),
    'presets.import': () => presets.import(),
    'prompts.list': () => prompts.list(),
    'prompts.save': (prompt) => prompts.save(prompt),
    'prompts.move': ({ id, at }) => prompts.move(id, at),
    'prompts.delete': ({ id }) => prompts.delete(id),
    'prompts.addStarters': () => prompts.addStarters(),
    'prompts.export': () => prompts.export(),
    'prompts.import': () => prompts.import(),
    'clipboard.read': async () => ({ text: await prompts.clipboard() }),
    'chat.send': (input) => chat.send(input),
    'chat.edit': (input) => chat.edit(input),
    'chat.regenerate': (input) => chat.regenerate(input),
    'chat.continue': (input) => chat.continue(input),
    'chat.delete': (input) => chat.delete(input),
    'chat.restore': (input) => chat.restore(input),
    'chat.show': (input) => chat.show(input),
    'chat.stop': ({ answerId }) => {
      chat.answering.stop(answerId);
    },
    'chat.running': () => chat.running,
    'runs.get': ({ messageId }) => runs.get(messageId),
    'runs.saveTable': (input) => runs.saveTable(input),
    'runs.savePicture': (input) => runs.savePicture(input),
    'models.published': () => publishedModels(),
    'models.list': async () => ({ models: await catalogue.list(), state: current.state }),
    'models.open': ({ paths }) => additions.open(paths),
    'models.load': ({ id, anyway }) => {
      models.load(id, anyway);
    },
    'models.unload': async () => {
      await current.unload();
    },
    'models.remove': async ({ id, files }) => {
      await models.remove(id, files);
    },
    'models.details': ({ id }) => catalogue.details(id),
    'models.benchmark': async () => {
      await chat.answering.pause();
      return await benchmarks.run();
    },
    'models.stopBenchmark': async () => {
      await benchmarks.stop();
    },
    'models.reveal': async ({ id }) => {
      await catalogue.reveal(id);
    },
    'models.choose': () => additions.chooseModel(),
    'models.copy': async ({ id }) => ({ copied: await additions.copy(id) }),
    'models.locate': ({ id }) => additions.locate(id),
    'additions.get': () => additions.state,
    'additions.choose': async ({ id, part, path }) => {
      await additions.choose(id, part, path);
    },
    'additions.locate': async ({ id, part, folder }) => {
      await additions.locateMissing(id, part, folder);
    },
    'additions.finish': ({ id, copy }) => additions.finish(id, copy),
    'additions.cancel': async ({ id }) => {
      await additions.cancel(id);
    },
    'models.template': ({ id }) => ({ choice: templates.get(id) }),
    'models.previewTemplate': (input) => templates.preview(input),
    'models.setTemplate': (input) => templates.set(input),
    'tokens.count': async ({ text }) => ({ tokens: await chat.count(text) }),
    'diagnostics.get': () => diagnostics.get(),
    'diagnostics.save': ({ form }) => diagnostics.save(form),
    'settings.get': () => settings.get(),
    'settings.set': (change) => {
      const changed = settings.set(change);
      if (change.idleUnload !== undefined) current.restartIdle();
      if (change.serverOn !== undefined || change.serverPort !== undefined) void server.follow();
      return changed;
    },
    'server.get': () => server.state,
    'server.renewToken': () => server.renewToken(),
    'data.get': () => data.get(),
    'data.backUp': () => data.backUp(),
    'data.restore': async ({ id }) => {
      await data.restore(id);
    },
    'links.open': ({ url }) => openLink(url),
  };
}
