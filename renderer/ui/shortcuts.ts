import { useEffect } from 'react';

/** Named as they are pressed: `Ctrl+N`, `Ctrl+Shift+L`, `Escape`. On a Mac keyboard Command stands for Control. */
export type Shortcuts = Readonly<Record<string, () => void>>;

/** Whatever is open over the window has its keys for itself, and so has a field that Escape leaves. */
const overlays = 'dialog[open], [role="menu"], [role="dialog"]';

/**
 * Keys of the whole window. They are heard before anything else hears them: a tooltip takes Escape for itself, and must
 * not keep it from stopping an answer.
 */
export function useShortcuts(shortcuts: Shortcuts): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.isComposing || event.altKey || document.querySelector(overlays)) return;
      if (event.key === 'Escape' && event.target instanceof HTMLInputElement) return;
      const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
      const held = `${event.ctrlKey || event.metaKey ? 'Ctrl+' : ''}${event.shiftKey ? 'Shift+' : ''}`;
      const run = shortcuts[held + key];
      if (!run) return;
      // Ctrl+N and its like mean something else to a browser; Escape may close a tooltip as well.
      if (key !== 'Escape') event.preventDefault();
      run();
    };
    addEventListener('keydown', listen, { capture: true });
    return () => removeEventListener('keydown', listen, { capture: true });
  }, [shortcuts]);
}
