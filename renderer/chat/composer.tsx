import { ArrowUp, Paperclip, SlidersHorizontal, Square } from 'lucide-react';
import { type ReactNode, useEffect, useId, useRef } from 'react';
import type { ModelState } from '../../preload/contract.ts';
import { hasTemplate } from '../../preload/contract-values.ts';
import { showChatSettings } from '../chat-settings/store.ts';
import { openConversation } from '../conversations/store.ts';
import { showTemplate, useModels } from '../models/store.ts';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { attachFiles } from './attach-files.ts';
import { Attachments } from './attachments.tsx';
import { ContextChoice, ContextMeter, useContext } from './context-choice.tsx';
import { useDraft, useDrafts } from './drafts.ts';
import { focusComposer, registerComposer } from './focus.ts';
import { ErrorNotice } from './notice.tsx';
import { dismissRefusal, send, stop, useChat } from './store.ts';

/** Longer pasted text becomes an attachment. */
const longPasteCharacters = 4000;

export function Composer({ conversationId }: { readonly conversationId: string | undefined }): ReactNode {
  const box = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const noteId = useId();
  const draft = useDraft(conversationId);
  const write = useDrafts((drafts) => drafts.write);
  const running = useChat((chat) => chat.running);
  const refusal = useChat((chat) => (conversationId === undefined ? undefined : chat.refusals[conversationId]));
  const model = useModels((models) => models.state);
  const obstacle = useObstacle(conversationId);
  const answering = running !== undefined && running.conversationId === conversationId;
  const sendable = obstacle === undefined && !answering && (draft.text.trim() !== '' || draft.attachments.length > 0);
  const use = useContext(conversationId, draft);
  const type = (text: string): void => write(conversationId, { ...draft, text });

  useEffect(() => registerComposer(box), []);
  useEffect(focusComposer, [conversationId]);

  const submit = (): void => {
    if (!sendable) return;
    write(conversationId, { text: '', attachments: [] });
    void send(draft.text, draft.attachments);
  };

  return (
    <form
      className="mx-auto w-full max-w-column px-8 pb-4"
      data-takes-files
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {refusal && conversationId !== undefined && (
        <div className="mb-3">
          <ErrorNotice
            error={refusal}
            actions={
              <Button look="quiet" onClick={() => dismissRefusal(conversationId)}>
                {strings.composer.dismiss}
              </Button>
            }
          />
        </div>
      )}
      {use && conversationId !== undefined && <ContextChoice conversationId={conversationId} use={use} />}
      {draft.attachments.length > 0 && (
        <div className="mb-2">
          <Attachments
            attachments={draft.attachments}
            onRemove={(index) =>
              write(conversationId, { ...draft, attachments: draft.attachments.toSpliced(index, 1) })
            }
          />
        </div>
      )}
      <div className="flex items-end rounded-2xl border border-line-strong bg-raised shadow-low transition-colors focus-within:border-accent">
        <textarea
          ref={box}
          rows={1}
          value={draft.text}
          aria-label={strings.composer.label}
          aria-describedby={noteId}
          placeholder={strings.composer.placeholder('name' in model ? model.name : undefined)}
          className="field-sizing-content max-h-[40vh] min-h-13 flex-1 resize-none bg-transparent py-3.5 pl-4.5 leading-6 outline-none placeholder:text-faint"
          onChange={(event) => type(event.target.value)}
          onPaste={(event) => {
            const text = event.clipboardData.getData('text/plain');
            if (text.length < longPasteCharacters) return;
            event.preventDefault();
            const pasted = { name: strings.composer.pasted(draft.attachments.length + 1), text };
            write(conversationId, { ...draft, attachments: [...draft.attachments, pasted] });
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            submit();
          }}
        />
        <div className="flex items-center gap-1 p-2">
          <input
            ref={picker}
            type="file"
            multiple
            hidden
            data-testid="file-picker"
            onChange={({ target }) => {
              void attachFiles([...(target.files ?? [])]);
              target.value = '';
            }}
          />
          <IconButton name={strings.composer.attach} side="top" size="large" onClick={() => picker.current?.click()}>
            <Paperclip />
          </IconButton>
          <IconButton name={strings.chatSettings.title} side="top" size="large" onClick={() => showChatSettings(true)}>
            <SlidersHorizontal />
          </IconButton>
          {answering ? (
            <IconButton
              name={running.stopping ? strings.composer.stopping : strings.composer.stop}
              keys="Escape"
              side="top"
              look="ink"
              size="large"
              disabled={running.stopping}
              onClick={() => void stop()}
            >
              <Square className="size-3.5! fill-current" />
            </IconButton>
          ) : (
            <IconButton
              name={strings.composer.send}
              keys="Enter"
              side="top"
              type="submit"
              // Not `disabled`: the button stays focusable, and the note below explains why it does nothing.
              aria-disabled={!sendable}
              aria-describedby={noteId}
              look="accent"
              size="large"
            >
              <ArrowUp className="stroke-2!" />
            </IconButton>
          )}
        </div>
      </div>
      <div className="mt-2 flex flex-wrap items-center justify-between gap-x-4 gap-y-1 px-1 text-xs text-faint">
        <p id={noteId} data-testid="composer-note" className="max-w-full">
          {obstacle ?? hintOf(model, answering)}
          {!obstacle && !answering && model.status === 'ready' && !hasTemplate(model.chatTemplate) && (
            <button
              type="button"
              className="ml-1.5 font-medium text-accent underline underline-offset-2"
              onClick={() => showTemplate(true)}
            >
              {strings.template.choose}
            </button>
          )}
          {running && !answering && (
            <button
              type="button"
              className="ml-1.5 font-medium text-accent underline underline-offset-2"
              onClick={() => openConversation(running.conversationId)}
            >
              {strings.composer.goThere}
            </button>
          )}
        </p>
        <div className="shrink-0">{use && <ContextMeter use={use} />}</div>
      </div>
    </form>
  );
}

/** Why the person cannot send now; undefined if they can. A message sent while the model loads waits for it. */
function useObstacle(conversationId: string | undefined): string | undefined {
  const model = useModels((models) => models.state);
  const elsewhere = useChat(({ running }) => running !== undefined && running.conversationId !== conversationId);
  if (elsewhere) return strings.composer.elsewhere;
  if (model.status === 'none') return model.idle ? undefined : strings.composer.noModel;
  if (model.status === 'failed')
    return model.name ? strings.composer.modelFailed(model.name) : strings.composer.noModel;
  return undefined;
}

function hintOf(model: ModelState, answering: boolean): string {
  if (answering) return strings.composer.stopHint;
  if (model.status === 'ready' && !hasTemplate(model.chatTemplate)) return strings.composer.completion;
  if (model.status === 'none' && model.idle) return strings.library.idle(model.idle.name, model.idle.minutes);
  return model.status === 'loading' ? strings.composer.loading(model.name, model.fraction) : strings.composer.hint;
}
