/**
 * Highlights code line by line while it is being written: a finished line is tokenised once, and the grammar's state at
 * its end is where the next line goes on. Runs on JavaScript regular expressions, which the window's policy allows.
 */
import type { GrammarState, HighlighterCore } from 'shiki/core';
import { loadLanguage } from './languages.ts';

interface Token {
  readonly text: string;
  /** A CSS colour: a variable of `styles/code.css`. */
  readonly color: string | undefined;
}
export type Line = readonly Token[];

const theme = 'wyvern';
/** A longer line is shown plain: minified code would cost more than a frame. */
const longLineCharacters = 2000;
/** What highlighting may take of one frame; the lines left over follow in the next. */
const frameBudgetMs = 6;

let core: Promise<HighlighterCore> | undefined;
const loaded = new Map<string, Promise<HighlighterCore>>();

/** Not loaded before there is code: a window that starts does without. */
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

/** The highlighter, once it knows the language; at most one load per language. */
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

/** Highlights one growing piece of code. Give it the whole text so far, as often as you like. */
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

  /** @returns The lines highlighted within this frame's budget, and whether that was all of them. */
  update(code: string): { readonly lines: readonly Line[]; readonly complete: boolean } {
    const source = code.split('\n');
    // The last known line may have grown; lines before it change only if the code was replaced.
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
