import clsx from 'clsx';
import { Settings2 } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useState } from 'react';
import type { Prompt } from '../../preload/contract.ts';
import { strings } from '../strings/index.ts';
import { announce } from '../ui/announcer.tsx';
import { matchingPrompts, slashQuery } from './slash.ts';
import { applyPrompt, showPrompts, usePrompts } from './store.ts';

interface Option {
  readonly key: string;
  readonly prompt: Prompt | undefined;
}

export interface SlashList {
  readonly id: string;
  readonly options: readonly Option[];
  readonly active: number;
  readonly point: (index: number) => void;
  readonly choose: (option: Option) => void;
  /** @returns whether the list handled the key */
  readonly onKeyDown: (event: KeyboardEvent) => boolean;
}

/**
 * The list that a slash at the beginning of the message opens; undefined while it is closed. It is closed if no prompt matches,
 * so that Enter sends the message.
 */
export function useSlashList(text: string, focused: boolean, clear: () => void): SlashList | undefined {
  const id = useId();
  const prompts = usePrompts((state) => state.prompts);
  const query = slashQuery(text);
  const [closed, setClosed] = useState(false);
  const [pointed, setPointed] = useState({ query, index: 0 });
  const begins = query !== undefined;
  // Escape closes the list until the message begins anew.
  if (!begins && closed) setClosed(false);
  const found = begins && !closed && focused ? matchingPrompts(prompts, query) : [];
  const shown = begins && !closed && focused && (found.length > 0 || query === '');
  const count = found.length;
  useEffect(() => {
    if (shown) announce(strings.prompts.found(count));
  }, [shown, count]);
  if (!shown) return undefined;

  const options: readonly Option[] = [
    ...found.map((prompt) => ({ key: prompt.id, prompt })),
    { key: 'manage', prompt: undefined },
  ];
  const active = pointed.query === query ? Math.min(pointed.index, options.length - 1) : 0;
  const point = (index: number): void => setPointed({ query, index });
  const choose = ({ prompt }: Option): void => {
    if (prompt) {
      void applyPrompt(prompt, 'whole');
      return;
    }
    clear();
    showPrompts(true);
  };
  const onKeyDown = (event: KeyboardEvent): boolean => {
    const option = options[active];
    // The list is before the message box, and the focus must not move into it.
    if (event.key === 'Tab' && event.shiftKey) setClosed(true);
    if (event.nativeEvent.isComposing || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return false;
    if (event.key === 'ArrowDown') point((active + 1) % options.length);
    else if (event.key === 'ArrowUp') point((active + options.length - 1) % options.length);
    else if (event.key === 'Escape') setClosed(true);
    else if ((event.key === 'Enter' || event.key === 'Tab') && option) choose(option);
    else return false;
    event.preventDefault();
    return true;
  };
  return { id, options, active, point, choose, onKeyDown };
}

/** The message box keeps the focus; `aria-activedescendant` names the active option. */
export function SlashMenu({ list }: { readonly list: SlashList }): ReactNode {
  const { id, options, active, point, choose } = list;
  useEffect(() => {
    document.getElementById(optionId(id, active))?.scrollIntoView({ block: 'nearest' });
  }, [id, active]);
  return (
    <ul
      id={id}
      role="listbox"
      aria-label={strings.prompts.title}
      // It scrolls.
      tabIndex={0}
      data-testid="slash-list"
      onMouseDown={(event) => event.preventDefault()}
      className="enter absolute inset-x-0 bottom-full z-20 mb-2 max-h-[min(18rem,50vh)] overflow-y-auto rounded-xl border border-line bg-raised p-1 shadow-high"
    >
      {options.map((option, index) => (
        <li
          key={option.key}
          id={optionId(id, index)}
          role="option"
          aria-selected={index === active}
          className={clsx(
            'flex h-9 cursor-pointer items-center gap-3 rounded-lg px-3 text-sm',
            index === active && 'bg-hover',
          )}
          onPointerMove={() => point(index)}
          onClick={() => choose(option)}
        >
          {option.prompt ? (
            <>
              <span className="max-w-1/2 shrink-0 truncate font-medium">{option.prompt.name}</span>
              <span aria-hidden="true" className="min-w-0 flex-1 truncate text-xs text-muted">
                {option.prompt.text}
              </span>
            </>
          ) : (
            <>
              <Settings2 aria-hidden="true" className="size-4 shrink-0 stroke-[1.75] text-muted" />
              <span className="text-muted">{strings.prompts.manage}</span>
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

export function optionId(listId: string, index: number): string {
  return `${listId}-${index}`;
}
