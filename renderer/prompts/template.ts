/**
 * Variables of a prompt: `{{name}}` with letters, digits, spaces, `_` and `-`. Anything else between braces stays text.
 * Values are inserted as they are: braces inside a value mean nothing.
 */

export type Part = { readonly text: string } | { readonly variable: string };

/** Values of these are known without a question, if there are any. Their names are the same in each language. */
export const ownVariables = ['clipboard', 'date', 'selection'] as const;

const variable = /\{\{[ \t]*([\p{L}\p{N}_](?:[\p{L}\p{N}_ -]{0,38}[\p{L}\p{N}_])?)[ \t]*\}\}/gu;

export function partsOf(prompt: string): readonly Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of prompt.matchAll(variable)) {
    if (match.index > end) parts.push({ text: prompt.slice(end, match.index) });
    parts.push({ variable: nameOf(match[1] ?? '') });
    end = match.index + match[0].length;
  }
  if (end < prompt.length) parts.push({ text: prompt.slice(end) });
  return parts;
}

/** The names, each once, in the order of the prompt. */
export function variablesOf(parts: readonly Part[]): readonly string[] {
  return [...new Set(parts.flatMap((part) => ('variable' in part ? [part.variable] : [])))];
}

/**
 * The text with all values; a variable without a value is empty.
 * @returns undefined if it would have more than `longest` characters
 */
export function fill(parts: readonly Part[], values: ReadonlyMap<string, string>, longest: number): string | undefined {
  const texts = parts.map((part) => ('text' in part ? part.text : (values.get(part.variable) ?? '')));
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  return length > longest ? undefined : texts.join('');
}

/** The variables that the app knows may be written in any case. */
function nameOf(written: string): string {
  return ownVariables.find((own) => own === written.toLowerCase()) ?? written;
}
