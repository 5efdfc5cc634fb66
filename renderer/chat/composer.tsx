import clsx from 'clsx';
import { MessageCircleDashed } from 'lucide-react';
import { type ClipboardEvent, type ReactNode, type RefObject, useEffect, useId, useRef, useState } from 'react';
import type { AppError, Draft } from '../../preload/contract.ts';
import { useIsTemporary } from '../conversations/store.ts';
import { useModels } from '../models/store.ts';
import { optionId, SlashMenu, useSlashList } from '../prompts/slash-list.tsx';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { Attachments } from './attachments.tsx';
import { ComposerButtons } from './composer-buttons.tsx';
import { ComposerNote, useObstacle } from './composer-note.tsx';
import { ContextChoice, ContextMeter, useContext } from './context-choice.tsx';
import { useDraft, useDrafts } from './drafts.ts';
import { focusComposer, registerComposer } from './focus.ts';
import { ErrorNotice } from './notice.tsx';
import { Reading, useReadingOf } from './reading.tsx';
import { dismissRefusal, send, useChat } from './store.ts';
import { SystemChoice } from './system-choice.tsx';

/** Longer pasted text becomes an attachment. */
const longPasteCharacters = 4000;

/** The message box with its attachments, buttons and notes. */
export function Composer({ conversationId }: { readonly conversationId: string | undefined }): ReactNode {
  const box = useRef<HTMLTextAreaElement>(null);
  const noteId = useId();
  const draft = useDraft(conversationId);
  const write = useDrafts((drafts) => drafts.write);
  const running = useChat((chat) => chat.running);
  const refusal = useChat((chat) => (conversationId === undefined ? undefined : chat.refusals[conversationId]));
  const reading = useReadingOf(conversationId);
  const obstacle = useObstacle(conversationId);
  const answering = running !== undefined && running.conversationId === conversationId;
  const filled = draft.text.trim() !== '' || draft.attachments.length > 0;
  const sendable = obstacle === undefined && !answering && filled;
  const use = useContext(conversationId, draft);
  const temporary = useIsTemporary(conversationId);

  useEffect(() => registerComposer(box), []);
  useEffect(focusComposer, [conversationId]);

  const submit = (): void => {
    if (sendable) void send();
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
      {refusal && conversationId !== undefined && <Refusal conversationId={conversationId} error={refusal} />}
      <SystemChoice conversationId={conversationId} />
      {use && conversationId !== undefined && <ContextChoice conversationId={conversationId} use={use} />}
      {draft.attachments.length + reading.length > 0 && (
        <div className="mb-2 flex flex-wrap gap-2">
          <Attachments
            attachments={draft.attachments}
            onRemove={(index) =>
              write(conversationId, { ...draft, attachments: draft.attachments.toSpliced(index, 1) })
            }
          />
          <Reading names={reading} />
        </div>
      )}
      <div
        className={clsx(
          'relative flex items-end rounded-2xl border border-line-strong bg-raised shadow-low transition-colors focus-within:border-accent',
          temporary && 'border-dashed',
        )}
      >
        <MessageBox
          box={box}
          temporary={temporary}
          noteId={noteId}
          draft={draft}
          onChange={(changed) => write(conversationId, changed)}
          onSubmit={submit}
        />
        <ComposerButtons
          conversationId={conversationId}
          running={answering ? running : undefined}
          sendable={sendable}
          noteId={noteId}
        />
      </div>
      <div className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-1 px-1 text-xs text-faint">
        {temporary && (
          <p className="flex items-center gap-1.5 font-medium text-muted" data-testid="temporary-note">
            <MessageCircleDashed aria-hidden="true" className="size-3.5" />
            {strings.temporary.note}
          </p>
        )}
        <ComposerNote id={noteId} obstacle={obstacle} running={running} answering={answering} />
        <div className="ml-auto shrink-0">{use && <ContextMeter use={use} />}</div>
      </div>
    </form>
  );
}

/** Why the last message was refused; its text is back in the box. */
function Refusal({ conversationId, error }: { readonly conversationId: string; readonly error: AppError }): ReactNode {
  return (
    <div className="mb-3">
      <ErrorNotice
        error={error}
        actions={
          <Button look="quiet" onClick={() => dismissRefusal(conversationId)}>
            {strings.composer.dismiss}
          </Button>
        }
      />
    </div>
  );
}

/** The text of the draft. Enter submits; a long paste becomes an attachment. */
function MessageBox({
  box,
  temporary,
  noteId,
  draft,
  onChange,
  onSubmit,
}: {
  readonly box: RefObject<HTMLTextAreaElement | null>;
  readonly temporary: boolean;
  readonly noteId: string;
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
  readonly onSubmit: () => void;
}): ReactNode {
  const name = useModels(({ state }) => ('name' in state ? state.name : undefined));
  const [focused, setFocused] = useState(false);
  const slash = useSlashList(draft.text, focused, () => onChange({ ...draft, text: '' }));
  const onPaste = (event: ClipboardEvent): void => {
    const text = event.clipboardData.getData('text/plain');
    if (text.length < longPasteCharacters) return;
    event.preventDefault();
    const pasted = { name: strings.composer.pasted(draft.attachments.length + 1), text };
    onChange({ ...draft, attachments: [...draft.attachments, pasted] });
  };
  return (
    <>
      {slash && <SlashMenu list={slash} />}
      <textarea
        ref={box}
        rows={1}
        value={draft.text}
        aria-label={strings.composer.label}
        aria-describedby={noteId}
        aria-autocomplete="list"
        aria-controls={slash?.id}
        aria-activedescendant={slash && optionId(slash.id, slash.active)}
        placeholder={temporary ? strings.temporary.placeholder : strings.composer.placeholder(name)}
        // Chromium's session files must not contain the text.
        autoComplete="off"
        className="field-sizing-content max-h-[40vh] min-h-13 flex-1 resize-none bg-transparent py-3.5 pl-4.5 leading-6 outline-none placeholder:truncate placeholder:text-faint"
        onChange={(event) => onChange({ ...draft, text: event.target.value })}
        onPaste={onPaste}
        onFocus={() => setFocused(true)}
        onBlur={() => setFocused(false)}
        onKeyDown={(event) => {
          if (slash?.onKeyDown(event)) return;
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          onSubmit();
        }}
      />
    </>
  );
}
