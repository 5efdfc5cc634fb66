import { useEffect } from 'react';

/** Key names as pressed: `Ctrl+N`, `Ctrl+Shift+L`, `Escape`. On a Mac keyboard, Command replaces Control. */
export type Shortcuts = Readonly<Record<string, () => void>>;

/** An overlay handles its own keys, and so does a field that Escape cancels. */
const overlays = 'dialog[open], [role="menu"], [role="dialog"]';

/** A field that Escape cancels, and a field with an open list. */
function hasOwnEscape(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return true;
  return target instanceof HTMLTextAreaElement && target.hasAttribute('aria-activedescendant');
}

/**
 * Shortcuts of the whole window. They run before other listeners, so that a tooltip that handles Escape cannot keep it
 * from stopping an answer.
 */
export function useShortcuts(shortcuts: Shortcuts): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      if (event.isComposing || event.altKey || document.querySelector(overlays)) return;
      if (event.key === 'Escape' && hasOwnEscape(event.target)) return;
      const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
      const held = `${event.ctrlKey || event.metaKey ? 'Ctrl+' : ''}${event.shiftKey ? 'Shift+' : ''}`;
      const run = shortcuts[held + key];
      if (!run) return;
      // A browser has its own actions for Ctrl+N and the like. Escape may also close a tooltip.
      if (key !== 'Escape') event.preventDefault();
      run();
    };
    addEventListener('keydown', listen, { capture: true });
    return () => removeEventListener('keydown', listen, { capture: true });
  }, [shortcuts]);
}
