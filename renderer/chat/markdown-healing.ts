import remend from 'remend';

/** The other completions of `remend` would draw the text otherwise than it is drawn once it is finished. */
const options = {
  katex: false,
  images: false,
  htmlTags: false,
  comparisonOperators: false,
  setextHeadings: false,
  singleTilde: false,
} as const;

/** A growing text with the open marks at its end completed, so that `**bo` is bold at once. */
export function healed(text: string): string {
  // `remend` takes the bracket of a formula for that of a link.
  return remend(text, text.includes('\\[') ? { ...options, links: false } : options);
}
