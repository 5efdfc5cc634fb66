import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { create } from 'zustand';
import type { Thought as MessageThought } from '../../preload/contract.ts';
import { useSettings } from '../settings/store.ts';
import { strings } from '../strings/index.ts';

/** Blocks that the person opened or folded, by message. Scrolling and the end of an answer do not change them. */
const useChosen = create<Readonly<Record<string, boolean>>>(() => ({}));

/** The thought before an answer: a block that is folded, or open while the thought grows if the person wants that. */
export function Thought({
  messageId,
  thought,
  growing = false,
  children,
}: {
  readonly messageId: string;
  readonly thought: MessageThought;
  readonly growing?: boolean;
  /** Shown instead of the text. */
  readonly children?: ReactNode;
}): ReactNode {
  const opensByItself = useSettings(({ settings }) => settings?.openThoughts === true);
  const chosen = useChosen((opened) => opened[messageId]);
  const open = chosen ?? (growing && opensByItself);
  const { text, tokens, ms } = thought;
  const figures = [
    ...(growing && ms !== undefined ? [strings.formats.duration(ms * 1000)] : []),
    ...(tokens === undefined ? [] : [strings.figures.tokens(tokens)]),
  ];
  return (
    <details open={open} className="group/thought mb-3 text-sm text-muted" data-testid="thought">
      <summary
        className="inline-flex min-h-7 cursor-pointer flex-wrap items-center gap-x-1.5 rounded-md pr-2 select-none hover:text-ink"
        onClick={(event) => {
          event.preventDefault();
          useChosen.setState({ [messageId]: !open });
        }}
      >
        <ChevronRight aria-hidden="true" className="size-3.5 transition-transform group-open/thought:rotate-90" />
        {growing ? strings.chat.thinking : strings.chat.thought(ms)}
        {figures.map((figure) => (
          <span key={figure} className="text-xs text-faint tabular-nums before:mr-1.5 before:content-['·']">
            {figure}
          </span>
        ))}
      </summary>
      <div className="mt-1.5 ml-1.5 space-y-2 border-l-2 border-line pl-3.5 leading-6 wrap-anywhere whitespace-pre-wrap">
        {open && (children ?? <Paragraphs text={text} />)}
      </div>
    </details>
  );
}

/** Only the last paragraph changes while a thought grows. */
function Paragraphs({ text }: { readonly text: string }): ReactNode {
  return text.split(/\n{2,}/).map((paragraph, index) => <p key={index}>{paragraph}</p>);
}
