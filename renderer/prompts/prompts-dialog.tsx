import { ArrowDown, ArrowUp, Pencil, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { Prompt } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { Button } from '../ui/button.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { newId } from '../ui/id.ts';
import { Modal } from '../ui/modal.tsx';
import { PromptEditor } from './prompt-editor.tsx';
import {
  addStarters,
  applyPrompt,
  deletePrompt,
  exportPrompts,
  importPrompts,
  movePrompt,
  savePrompt,
  showPrompts,
  usePrompts,
} from './store.ts';

/** The prompt library: use, write, order, import and export prompts. */
export function PromptsDialog(): ReactNode {
  const open = usePrompts((state) => state.open);
  return open && <Library />;
}

interface Told {
  readonly text: string;
  readonly undo?: () => void;
}

function Library(): ReactNode {
  const prompts = usePrompts((state) => state.prompts);
  const [edited, setEdited] = useState<Prompt>();
  /** Result of the last action. */
  const [told, setTold] = useState<Told>({ text: '' });
  const words = strings.prompts;
  const tell = async (outcome: Promise<string | undefined>): Promise<void> => setTold({ text: (await outcome) ?? '' });
  const remove = async (prompt: Prompt, at: number): Promise<void> => {
    const problem = await deletePrompt(prompt.id);
    setTold(
      problem === undefined
        ? { text: words.deleted(prompt.name), undo: () => void tell(savePrompt({ ...prompt, at })) }
        : { text: problem },
    );
  };
  if (edited) {
    const isNew = !prompts.some(({ id }) => id === edited.id);
    return (
      <Modal title={isNew ? words.newTitle : words.editTitle} width="w-[40rem]" onClose={() => setEdited(undefined)}>
        <PromptEditor
          prompt={edited}
          onCancel={() => setEdited(undefined)}
          onSave={(prompt) => {
            setEdited(undefined);
            void tell(savePrompt(prompt));
          }}
        />
      </Modal>
    );
  }
  return (
    <Modal title={words.title} width="w-[40rem]" onClose={() => showPrompts(false)}>
      <p className="px-6 pb-3 text-sm text-muted">{words.explanation}</p>
      <ol className="mx-6 min-h-0 overflow-y-auto rounded-xl border border-line p-1" data-testid="prompts">
        {prompts.map((prompt, index) => (
          <Row
            key={prompt.id}
            prompt={prompt}
            index={index}
            count={prompts.length}
            onEdit={() => setEdited(prompt)}
            onMove={(at) => void tell(movePrompt(prompt, at))}
            onDelete={() => void remove(prompt, index)}
          />
        ))}
        {prompts.length === 0 && <li className="px-3 py-4 text-sm text-muted">{words.empty}</li>}
      </ol>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-6 pt-4 pb-2">
        <Button look="solid" onClick={() => setEdited({ id: newId(), name: '', text: '' })}>
          {words.add}
        </Button>
        <Button look="link" onClick={() => void tell(importPrompts())}>
          {words.import}
        </Button>
        {prompts.length > 0 && (
          <Button look="link" onClick={() => void tell(exportPrompts())}>
            {words.export}
          </Button>
        )}
        <Button look="link" onClick={() => void tell(addStarters())}>
          {words.addStarters}
        </Button>
      </div>
      <div className="flex min-h-6 items-center gap-2 px-6 pb-5 text-xs text-muted">
        <p role="status" className="whitespace-pre-line wrap-anywhere">
          {told.text}
        </p>
        {told.undo && (
          <Button look="link" className="text-xs!" onClick={told.undo}>
            {strings.sidebar.undo}
          </Button>
        )}
      </div>
    </Modal>
  );
}

/** Alt with an arrow key moves the prompt. */
function Row({
  prompt,
  index,
  count,
  onEdit,
  onMove,
  onDelete,
}: {
  readonly prompt: Prompt;
  readonly index: number;
  readonly count: number;
  readonly onEdit: () => void;
  readonly onMove: (at: number) => void;
  readonly onDelete: () => void;
}): ReactNode {
  const words = strings.prompts;
  const { name, text } = prompt;
  const move = (button: HTMLElement, by: number): void => {
    const at = index + by;
    if (at < 0 || at >= count) return;
    onMove(at);
    // A moved row loses the focus.
    const list = button.closest('ol');
    const label = button.getAttribute('aria-label');
    if (!list) return;
    const observer = new MutationObserver(() => {
      observer.disconnect();
      [...list.querySelectorAll<HTMLElement>('button')]
        .find((one) => one.getAttribute('aria-label') === label)
        ?.focus();
    });
    observer.observe(list, { childList: true });
  };
  return (
    <li className="flex items-center gap-0.5 rounded-lg">
      <button
        type="button"
        aria-label={words.use(name)}
        className="flex h-11 min-w-0 flex-1 flex-col justify-center rounded-lg px-2.5 text-left transition-colors hover:bg-hover"
        onClick={() => void applyPrompt(prompt, 'caret')}
        onKeyDown={(event) => {
          if (event.key === 'F2') onEdit();
          if (event.key === 'Delete') onDelete();
          if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
          event.preventDefault();
          move(event.currentTarget, event.key === 'ArrowUp' ? -1 : 1);
        }}
      >
        <span title={name} className="block w-full truncate text-sm">
          {name}
        </span>
        <span title={text} className="block w-full truncate text-xs text-muted">
          {text}
        </span>
      </button>
      <IconButton
        name={words.moveUp(name)}
        size="small"
        aria-disabled={index === 0}
        className="aria-disabled:opacity-40"
        onClick={({ currentTarget }) => move(currentTarget, -1)}
      >
        <ArrowUp />
      </IconButton>
      <IconButton
        name={words.moveDown(name)}
        size="small"
        aria-disabled={index === count - 1}
        className="aria-disabled:opacity-40"
        onClick={({ currentTarget }) => move(currentTarget, 1)}
      >
        <ArrowDown />
      </IconButton>
      <IconButton name={words.edit(name)} size="small" onClick={onEdit}>
        <Pencil />
      </IconButton>
      <IconButton name={words.delete(name)} size="small" onClick={onDelete}>
        <Trash2 />
      </IconButton>
    </li>
  );
}
