/**
 * The keyboard keeps its place: where what has the focus is removed, the focus goes to what stood nearest to it, and not to
 * the page, from where one would have to begin anew. Whoever uses the mouse sees nothing of it.
 */

interface Place {
  /** What had the focus is called. */
  readonly name: string | null;
  /** Each ancestor, the innermost first, and which of its children led there. */
  readonly path: readonly { readonly parent: Element; readonly index: number }[];
}

const focusable = ['a[href]', 'button', 'input', 'select', 'textarea', 'summary']
  .map((element) => `${element}:not(:disabled)`)
  .concat('[tabindex="0"]')
  .join(',');

let place: Place = { name: null, path: [] };
let byKeyboard = false;

/** Begins to watch the window; once. */
export function keepFocus(): void {
  addEventListener('keydown', () => (byKeyboard = true), { capture: true });
  addEventListener('pointerdown', () => (byKeyboard = false), { capture: true });
  addEventListener('focusin', ({ target }) => {
    // A menu lies outside of what it is of: the place is that of the button which opened it.
    if (target instanceof Element && !target.closest('[role="menu"]')) place = placeOf(target);
  });
  new MutationObserver(() => returnFocus(place)).observe(document.body, { childList: true, subtree: true });
}

/** @returns gives the focus back to where it is now, or was before a menu opened, if it has got lost until then. */
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
    // What took its place has the same button: another version of a message.
    const next = around.find((element) => nameOf(element) === name) ?? around[0];
    next?.focus({ preventScroll: true });
    return;
  }
}

function nameOf(element: Element): string | null {
  return element.getAttribute('aria-label') ?? element.textContent;
}

/** Of a dialog only what is inside: what lies behind it is not its place. */
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
