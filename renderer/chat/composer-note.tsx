import type { ReactNode } from 'react';
import type { ModelState } from '../../preload/contract.ts';
import { hasTemplate } from '../../preload/contract/values.ts';
import { openConversation, useConversation } from '../conversations/store.ts';
import { showTemplate, useModels } from '../models/store.ts';
import { useServer } from '../server/store.ts';
import { strings } from '../strings/index.ts';
import { useReadingOf } from './reading.tsx';
import { type Running, useChat } from './store.ts';

/** The line below the message box: why the person cannot send, or a hint. */
export function ComposerNote({
  id,
  obstacle,
  running,
  answering,
}: {
  readonly id: string;
  readonly obstacle: string | undefined;
  readonly running: Running | undefined;
  /** The answer in progress belongs to this chat. */
  readonly answering: boolean;
}): ReactNode {
  const model = useModels((models) => models.state);
  const elsewhere = useConversation(running?.conversationId);
  const serves = useServer(({ state }) => state?.answering === true);
  const completes = model.status === 'ready' && !hasTemplate(model.chatTemplate);
  return (
    <p id={id} data-testid="composer-note" className="max-w-full">
      {obstacle ?? (serves && !answering ? strings.server.messageWaits : hintOf(model, answering))}
      {!obstacle && !answering && !serves && completes && (
        <NoteLink label={strings.template.choose} onClick={() => showTemplate(true)} />
      )}
      {running && !answering && elsewhere && (
        <NoteLink label={strings.composer.goThere} onClick={() => openConversation(running.conversationId)} />
      )}
    </p>
  );
}

function NoteLink({ label, onClick }: { readonly label: string; readonly onClick: () => void }): ReactNode {
  return (
    <button type="button" className="ml-1.5 font-medium text-accent underline underline-offset-2" onClick={onClick}>
      {label}
    </button>
  );
}

/** Why the person cannot send now; undefined if they can. A message sent while the model loads waits for it. */
export function useObstacle(conversationId: string | undefined): string | undefined {
  const model = useModels((models) => models.state);
  const elsewhere = useChat(({ running }) => running !== undefined && running.conversationId !== conversationId);
  const [reading] = useReadingOf(conversationId);
  if (elsewhere) return strings.composer.elsewhere;
  if (model.status === 'none' && !model.idle) return strings.composer.noModel;
  if (model.status === 'failed')
    return model.name ? strings.composer.modelFailed(model.name) : strings.composer.noModel;
  return reading === undefined ? undefined : strings.composer.reading(reading);
}

function hintOf(model: ModelState, answering: boolean): string {
  if (answering) return strings.composer.stopHint;
  if (model.status === 'ready' && !hasTemplate(model.chatTemplate)) return strings.composer.completion;
  if (model.status === 'none' && model.idle) return strings.library.idle(model.idle.name, model.idle.minutes);
  return model.status === 'loading' ? strings.composer.loading(model.name, model.fraction) : strings.composer.hint;
}
