/**
 * Keeps the keyboard's place. When the focused element is removed, the focus moves to the nearest element instead of
 * the page, where Tab would start over.
 */

interface Place {
  /** Accessible name of the element that had the focus. */
  readonly name: string | null;
  /** Each ancestor, innermost first, with the index of the child on the path. */
  readonly path: readonly { readonly parent: Element; readonly index: number }[];
}

const focusable = ['a[href]', 'button', 'input', 'select', 'textarea', 'summary']
  .map((element) => `${element}:not(:disabled)`)
  .concat('[tabindex="0"]')
  .join(',');

let place: Place = { name: null, path: [] };
let byKeyboard = false;

/** Starts watching the window. Call once. */
export function keepFocus(): void {
  addEventListener('keydown', () => (byKeyboard = true), { capture: true });
  addEventListener('pointerdown', () => (byKeyboard = false), { capture: true });
  addEventListener('focusin', ({ target }) => {
    // A menu is outside the place it belongs to, so use the button that opened it.
    if (target instanceof Element && !target.closest('[role="menu"]')) place = placeOf(target);
  });
  new MutationObserver(() => returnFocus(place)).observe(document.body, { childList: true, subtree: true });
}

/**
 * @returns a function that restores the focus to the current element, or to the button of an open menu, if the focus
 * was lost
 */
export function rememberFocus(): () => void {
  const before = place;
  return () => returnFocus(before);
}

function returnFocus({ name, path }: Place): void {
  if (!byKeyboard || document.activeElement !== document.body) return;
  for (const { parent, index } of path) {
    if (!parent.isConnected) continue;
    const children = [...parent.children];
    const nearest = [...children.slice(index), ...children.slice(0, index).toReversed()];
    const around = nearest.map(within).find(({ length }) => length > 0);
    if (!around) continue;
    // The replacement has the same button, for example another version of a message.
    const next = around.find((element) => nameOf(element) === name) ?? around[0];
    next?.focus({ preventScroll: true });
    return;
  }
}

function nameOf(element: Element): string | null {
  return element.getAttribute('aria-label') ?? element.textContent;
}

/** Within a dialog, only elements inside it count. */
function placeOf(element: Element): Place {
  const path: { parent: Element; index: number }[] = [];
  let child = element;
  while (child.parentElement && child.parentElement !== document.body && !(child instanceof HTMLDialogElement)) {
    const parent = child.parentElement;
    path.push({ parent, index: [...parent.children].indexOf(child) });
    child = parent;
  }
  return { name: nameOf(element), path };
}

function within(element: Element): readonly HTMLElement[] {
  const inside = [...element.querySelectorAll<HTMLElement>(focusable)];
  return element instanceof HTMLElement && element.matches(focusable) ? [element, ...inside] : inside;
}
