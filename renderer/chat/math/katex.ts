/**
 * KaTeX, brought in when the first formula is seen. It draws elements, never HTML text, so that the content security policy
 * holds; what could load, link or run anything stays refused (`trust`).
 */
const maxSourceCharacters = 20_000;
/** `maxSize`, in em, and `maxExpand` bound what a hostile formula can ask for. */
const options = { trust: false, strict: 'ignore', errorColor: 'currentColor', maxSize: 50, maxExpand: 300 } as const;

type Draw = (source: string, place: HTMLElement, display: boolean) => boolean;
let opened: Promise<Draw> | undefined;

/** @returns Draws a formula into `place`; false if it is none that can be drawn. */
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
