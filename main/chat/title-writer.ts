/**
 * Names a chat by its model once its first answer is there. It asks as the next turn of the conversation would, so that
 * what the KV cache holds of the conversation stays; and it gives way at once to whatever a person asks.
 */
import type { Emit } from '../../preload/contract.ts';
import { randomUUID } from 'node:crypto';
import { hasTemplate } from '../../preload/contract/values.ts';
import type { EngineHost } from '../engine-host/engine-host.ts';
import { log } from '../log.ts';
import type { ReadyModel } from '../library/current-model.ts';
import type { Turns } from '../library/turns.ts';
import type { SettingsService } from './settings.ts';
import type { ChatStores } from './chat-stores.ts';
import { promptOptions, titleFrom, titleRequest, toPrompt } from './conversation-text.ts';

const maxTokens = 24;
const greedy = { temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1 } as const;

interface Writing {
  readonly id: string;
  readonly host: EngineHost;
  readonly ended: PromiseWithResolvers<undefined>;
}

interface TitleDependencies {
  readonly chats: ChatStores;
  readonly turns: Turns;
  readonly settings: Pick<SettingsService, 'get' | 'forAnswer'>;
  readonly emit: Emit;
}

export class TitleWriter {
  readonly #with: TitleDependencies;
  #writing: Writing | undefined;

  constructor(dependencies: TitleDependencies) {
    this.#with = dependencies;
  }

  /** Begins if the chat has its first answer and no name yet. The engine must be idle. */
  begin(conversationId: string, { host, loaded, sampling }: ReadyModel): void {
    const { chats, settings, emit } = this.#with;
    // Nobody looks for a temporary chat by its name.
    if (chats.isTemporary(conversationId)) return;
    const store = chats.of(conversationId);
    if (!settings.get().automaticTitles || !hasTemplate(loaded.chatTemplate)) return;
    if (!store.conversations.isUntitled(conversationId)) return;
    const path = store.tree.path(conversationId);
    if (path.length !== 2 || path[1]?.text === '') return;

    const chosen = settings.forAnswer(sampling, store.conversations.settings(conversationId));
    const messages = [...toPrompt(path, chosen.systemPrompt), { role: 'user', content: titleRequest } as const];
    const writing: Writing = { id: `title-${randomUUID()}`, host, ended: Promise.withResolvers() };
    // A request that waits comes first, and the chat keeps the title from its first message.
    const endTurn = this.#with.turns.takeNow('title', () => host.stop(writing.id));
    if (endTurn === undefined) return;
    this.#writing = writing;
    const input = {
      // The chat's own switch: another position may change the beginning of the prompt, which the KV cache holds.
      prompt: { kind: 'messages', messages, ...promptOptions(chosen, loaded.chatTemplate) },
      sampling: greedy,
      maxTokens,
      // The title comes at once, also from a model that thinks before it answers.
      maxThoughtTokens: 0,
      stopStrings: ['\n'],
    } as const;
    host.generate(writing.id, input, (event) => {
      if (event.type === 'prefilled' || event.type === 'tokens') return;
      if (this.#writing === writing) this.#writing = undefined;
      endTurn();
      writing.ended.resolve(undefined);
      if (event.type !== 'done' || event.reason === 'cancelled') return;
      const title = titleFrom(event.text);
      if (title === undefined) return;
      try {
        const conversation = store.conversations.nameOnce(conversationId, title);
        if (conversation) emit('conversations.changed', { conversation });
      } catch (cause) {
        log('error', 'The name of a chat could not be saved', cause);
      }
    });
  }

  /** Resolves when the engine is free. */
  async cancel(): Promise<void> {
    const writing = this.#writing;
    writing?.host.stop(writing.id);
    await writing?.ended.promise;
  }
}
