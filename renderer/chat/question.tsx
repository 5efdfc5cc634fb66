import { Pencil, Trash2 } from 'lucide-react';
import { type ReactNode, memo, useState } from 'react';
import type { Message } from '../../preload/contract.ts';
import { strings, useLanguage } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Attachments } from './attachments.tsx';
import { focusComposer } from './focus.ts';
import { deleteMessage, edit } from './store.ts';
import { Versions } from './versions.tsx';

/** The person's message exactly as typed. It is not Markdown. */
export const Question = memo(function Question({
  conversationId,
  message,
  idle,
}: {
  readonly conversationId: string;
  readonly message: Message;
  /** No answer is in progress, so the person can edit this message. */
  readonly idle: boolean;
}): ReactNode {
  useLanguage();
  const [editing, setEditing] = useState(false);
  const { id, text, attachments = [] } = message;
  return (
    <article
      aria-label={strings.chat.you}
      data-testid="question"
      data-message={id}
      className="group flex flex-col items-end gap-1.5"
    >
      <Attachments attachments={attachments} />
      {editing ? (
        <Editor
          text={text}
          onCancel={() => setEditing(false)}
          onSend={(changed) => {
            setEditing(false);
            void edit(conversationId, message, changed);
            focusComposer();
          }}
        />
      ) : (
        text !== '' && (
          <p className="max-w-[85%] rounded-2xl rounded-br-md bg-accent-soft px-4 py-2.5 leading-[1.6] wrap-anywhere whitespace-pre-wrap">
            {text}
          </p>
        )
      )}
      {!editing && (
        <div className="-mb-5 flex h-7 items-center gap-1">
          <Actions
            text={text}
            idle={idle}
            onEdit={() => setEditing(true)}
            onDelete={() => void deleteMessage(conversationId, id)}
          />
          <Versions conversationId={conversationId} message={message} />
        </div>
      )}
    </article>
  );
});

/** Visible while the pointer or the focus is on the message. */
function Actions({
  text,
  idle,
  onEdit,
  onDelete,
}: {
  readonly text: string;
  readonly idle: boolean;
  readonly onEdit: () => void;
  readonly onDelete: () => void;
}): ReactNode {
  return (
    <div className="flex opacity-0 transition-opacity group-focus-within:opacity-100 group-hover:opacity-100">
      <CopyButton name={strings.chat.copyQuestion} text={() => text} size="small" />
      {idle && (
        <>
          <IconButton name={strings.chat.edit} size="small" onClick={onEdit}>
            <Pencil />
          </IconButton>
          <IconButton name={strings.chat.deleteMessage} size="small" onClick={onDelete}>
            <Trash2 />
          </IconButton>
        </>
      )}
    </div>
  );
}

/** Enter sends, Shift+Enter starts a new line, Escape cancels. */
function Editor({
  text,
  onSend,
  onCancel,
}: {
  readonly text: string;
  readonly onSend: (text: string) => void;
  readonly onCancel: () => void;
}): ReactNode {
  const [changed, setChanged] = useState(text);
  const send = (): void => {
    if (changed.trim() !== '') onSend(changed);
  };
  return (
    <div className="w-[85%] rounded-2xl border border-line-strong bg-raised p-2 focus-within:border-accent">
      <textarea
        autoFocus
        value={changed}
        aria-label={strings.chat.editLabel}
        autoComplete="off"
        className="field-sizing-content max-h-[40vh] w-full resize-none bg-transparent px-2 py-1 leading-6 outline-none"
        onChange={(event) => setChanged(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onCancel();
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      <div className="mt-1 flex justify-end gap-2">
        <Button look="quiet" onClick={onCancel}>
          {strings.chat.cancel}
        </Button>
        <Button look="solid" disabled={changed.trim() === ''} onClick={send}>
          {strings.chat.editSend}
        </Button>
      </div>
    </div>
  );
}
