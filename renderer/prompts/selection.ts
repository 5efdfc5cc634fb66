/** The text that the person selected last in the messages of a chat. The message box takes the focus, and the selection with it. */
const longestSelection = 200_000;

let selected: { readonly text: string; readonly chat: string | undefined } | undefined;

/**
 * Starts watching the window. Call once. `selectionchange` comes a moment after the change. If the message box took the focus
 * before that, the selection is gone by then, so the end of each click and key counts too.
 * @param chat returns the open chat
 */
export function watchSelection(chat: () => string | undefined): void {
  const note = (): void => {
    const selection = document.getSelection();
    const node = selection?.anchorNode;
    if (!selection || !node || selection.isCollapsed) return;
    const element = node instanceof Element ? node : node.parentElement;
    if (!element?.closest('[data-message]')) return;
    const text = selection.toString().trim();
    if (text !== '' && text.length <= longestSelection) selected = { text, chat: chat() };
  };
  for (const event of ['selectionchange', 'pointerup', 'keyup']) document.addEventListener(event, note, true);
}

/** Empty if there is none in this chat. */
export function selectedText(chat: string | undefined): string {
  return selected && selected.chat === chat ? selected.text : '';
}

export function forgetSelection(chat: string): void {
  if (selected?.chat === chat) selected = undefined;
}
