import { ArrowUp, Paperclip, SlidersHorizontal, Square } from 'lucide-react';
import { type ReactNode, useRef } from 'react';
import { showChatSettings } from '../chat-settings/store.ts';
import { strings } from '../strings/index.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { attachFiles } from './attach-files.ts';
import { type Running, stop } from './store.ts';
import { ThinkingSwitch } from './thinking-switch.tsx';

/** Attach files, the switch for thinking, chat settings, and send or stop. */
export function ComposerButtons({
  conversationId,
  running,
  sendable,
  noteId,
}: {
  readonly conversationId: string | undefined;
  /** The answer in progress in this chat. */
  readonly running: Running | undefined;
  readonly sendable: boolean;
  /** Id of the note that explains why the person cannot send. */
  readonly noteId: string;
}): ReactNode {
  return (
    <div className="flex items-center gap-1 p-2">
      <AttachButton />
      <ThinkingSwitch conversationId={conversationId} />
      <IconButton name={strings.chatSettings.title} side="top" size="large" onClick={() => showChatSettings(true)}>
        <SlidersHorizontal />
      </IconButton>
      {running ? (
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
  );
}

function AttachButton(): ReactNode {
  const picker = useRef<HTMLInputElement>(null);
  return (
    <>
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
    </>
  );
}
