/**
 * Highlights code line by line while it streams. Each finished line is tokenised once, and the next line starts from
 * the grammar state at its end. It uses JavaScript regular expressions, which the content security policy allows.
 */
import type { GrammarState, HighlighterCore } from 'shiki/core';
import { loadLanguage } from './languages.ts';

interface Token {
  readonly text: string;
  /** A CSS colour: a variable from `styles/code.css`. */
  readonly color: string | undefined;
}
export type Line = readonly Token[];

const theme = 'wyvern';
/** Longer lines stay plain, because minified code would take more than a frame. */
const longLineCharacters = 2000;
/** Time for highlighting in one frame. Remaining lines follow in the next frame. */
const frameBudgetMs = 6;

let core: Promise<HighlighterCore> | undefined;
const loaded = new Map<string, Promise<HighlighterCore>>();

/** Loads on first use, to keep it out of the window's start. */
async function createCore(): Promise<HighlighterCore> {
  const [{ createCssVariablesTheme, createHighlighterCore }, { createJavaScriptRegexEngine }] = await Promise.all([
    import('shiki/core'),
    import('shiki/engine/javascript'),
  ]);
  return await createHighlighterCore({
    themes: [createCssVariablesTheme({ name: theme, variablePrefix: '--code-' })],
    langs: [],
    engine: createJavaScriptRegexEngine({ forgiving: true }),
  });
}

/** Resolves when the highlighter knows the language. Loads each language once. */
export function highlighterFor(language: string): Promise<HighlighterCore> {
  const known = loaded.get(language);
  if (known) return known;
  core ??= createCore();
  const ready = Promise.all([core, loadLanguage(language)]).then(async ([highlighter, registrations]) => {
    await highlighter.loadLanguage(...registrations);
    return highlighter;
  });
  loaded.set(language, ready);
  return ready;
}

/** Highlights one growing piece of code. Each call passes the whole text so far. */
export class GrowingHighlight {
  readonly #highlighter: HighlighterCore;
  readonly #language: string;
  #lines: Line[] = [];
  #states: (GrammarState | undefined)[] = [];
  #source: string[] = [];

  constructor(highlighter: HighlighterCore, language: string) {
    this.#highlighter = highlighter;
    this.#language = language;
  }

  /** @returns the lines highlighted within this frame's budget, and whether they are complete */
  update(code: string): { readonly lines: readonly Line[]; readonly complete: boolean } {
    const source = code.split('\n');
    // The last known line may have grown. Earlier lines change only if the code was replaced.
    let from = Math.min(this.#source.length, source.length);
    while (from > 0 && this.#source[from - 1] !== source[from - 1]) from--;
    this.#cut(from);
    const end = performance.now() + frameBudgetMs;
    for (let index = from; index < source.length; index++) {
      if (performance.now() > end) return { lines: [...this.#lines], complete: false };
      this.#add(source[index] ?? '');
    }
    return { lines: [...this.#lines], complete: true };
  }

  #cut(length: number): void {
    this.#lines.length = this.#states.length = this.#source.length = length;
  }

  #add(line: string): void {
    const before = this.#states.at(-1);
    this.#source.push(line);
    if (line.length > longLineCharacters) {
      this.#lines.push([{ text: line, color: undefined }]);
      this.#states.push(before);
      return;
    }
    const tokens = this.#highlighter.codeToTokensBase(line, {
      lang: this.#language,
      theme,
      ...(before && { grammarState: before }),
    });
    this.#lines.push((tokens[0] ?? []).map(({ content, color }) => ({ text: content, color })));
    this.#states.push(this.#highlighter.getLastGrammarState(tokens));
  }
}
