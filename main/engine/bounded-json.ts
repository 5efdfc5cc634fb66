/** Reads JSON that others wrote. It bounds size and depth before parsing and checks the shape after parsing. */
import type { z } from 'zod';
import { readBytes } from '../files/reading.ts';

export interface JsonLimits {
  readonly maxBytes: number;
  /** Maximum depth of nested arrays and objects. */
  readonly maxDepth: number;
}

const smallJson: JsonLimits = { maxBytes: 16 * 2 ** 20, maxDepth: 64 };
/** A `tokenizer.json` of 256,000 tokens with its merges has about 33 MB. */
export const tokenizerJson: JsonLimits = { maxBytes: 64 * 2 ** 20, maxDepth: 64 };

/**
 * Reads, bounds, parses and checks one file.
 * @throws Error with a sentence that names the fault; the caller adds the file and the code.
 */
export async function readJson<S extends z.ZodType>(
  path: string,
  schema: S,
  limits: JsonLimits = smallJson,
): Promise<z.output<S>> {
  return parseJson((await readBytes(path, limits.maxBytes)).toString('utf8'), schema, limits);
}

/** Does the same with text in memory. */
export function parseJson<S extends z.ZodType>(text: string, schema: S, limits: JsonLimits = smallJson): z.output<S> {
  const value = parseBounded(withoutPythonNumbers(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text), limits);
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const where = issue?.path.join('.') ?? '';
  throw new Error(`${where === '' ? 'its content' : `“${where}”`} is wrong: ${issue?.message ?? 'unknown'}.`);
}

/** Parses strict JSON of bounded depth. @throws Error with a sentence that names the fault */
export function parseBounded(text: string, { maxDepth }: Pick<JsonLimits, 'maxDepth'> = smallJson): unknown {
  if (depthOf(text) > maxDepth) throw new Error(`it is nested deeper than ${maxDepth} levels.`);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`it is not JSON (${error instanceof Error ? error.message : String(error)}).`, { cause: error });
  }
}

/** Python writes `NaN` and `Infinity`, which JSON lacks. They become strings, and no number field accepts a string. */
function withoutPythonNumbers(text: string): string {
  if (!/NaN|Infinity/.test(text)) return text;
  return text.replace(/"(?:[^"\\]|\\[^])*"|-?Infinity|NaN/g, (part) => (part.startsWith('"') ? part : `"${part}"`));
}

/** Returns the depth of brackets outside strings. It runs before the parser, so that the parser's recursion is bounded. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (inString) {
      if (c === 0x5c) i++;
      else if (c === 0x22) inString = false;
    } else if (c === 0x22) inString = true;
    else if (c === 0x7b || c === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (c === 0x7d || c === 0x5d) depth--;
  }
  return deepest;
}
