/**
 * Loads KaTeX for the first formula. It builds elements, not HTML text, as the content security policy requires.
 * `trust: false` refuses every command that could load, link or run anything.
 */
const maxSourceCharacters = 20_000;
/** `maxSize` (in em) and `maxExpand` limit hostile formulas. */
const options = { trust: false, strict: 'ignore', errorColor: 'currentColor', maxSize: 50, maxExpand: 300 } as const;

type Draw = (source: string, place: HTMLElement, display: boolean) => boolean;
let opened: Promise<Draw> | undefined;

/** @returns a function that draws a formula into `place`, and returns false if KaTeX cannot draw it */
export function openFormulas(): Promise<Draw> {
  return (opened ??= open());
}

async function open(): Promise<Draw> {
  const [{ default: katex }] = await Promise.all([import('katex'), import('katex/dist/katex.min.css')]);
  return (source, place, displayMode) => {
    if (source.length > maxSourceCharacters) return false;
    try {
      katex.render(source, place, { ...options, displayMode });
      return true;
    } catch {
      place.replaceChildren();
      return false;
    }
  };
}
