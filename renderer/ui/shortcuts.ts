import { useEffect } from 'react';

/** Named as they are pressed: `Ctrl+N`, `Escape`. On a Mac keyboard Command stands for Control. */
export type Shortcuts = Readonly<Record<string, () => void>>;

/** Keys of the whole window. A dialog or menu that used a key keeps it: it prevents the default first. */
export function useShortcuts(shortcuts: Shortcuts): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing || event.altKey || event.shiftKey) return;
      if (document.querySelector('dialog[open]')) return;
      const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
      const run = shortcuts[event.ctrlKey || event.metaKey ? `Ctrl+${key}` : key];
      if (!run) return;
      event.preventDefault();
      run();
    };
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, [shortcuts]);
}
