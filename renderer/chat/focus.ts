/** Gives shortcuts and examples access to the message box. There is only one composer. */
import type { RefObject } from 'react';

let composer: RefObject<HTMLTextAreaElement | null> | undefined;

export function registerComposer(box: RefObject<HTMLTextAreaElement | null>): () => void {
  composer = box;
  return () => {
    if (composer === box) composer = undefined;
  };
}

export function focusComposer(): void {
  composer?.current?.focus();
}

/** The selected range of the message box; its end if there is none. */
export function composerSelection(): { readonly start: number; readonly end: number } {
  const box = composer?.current;
  return { start: box?.selectionStart ?? 0, end: box?.selectionEnd ?? 0 };
}

/** Puts the caret into the message box, once it shows its new text. */
export function focusComposerAt(caret: number): void {
  requestAnimationFrame(() => {
    const box = composer?.current;
    box?.focus();
    box?.setSelectionRange(caret, caret);
    if (box) box.scrollTop = box.scrollHeight;
  });
}
