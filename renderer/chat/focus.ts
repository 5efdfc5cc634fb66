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
