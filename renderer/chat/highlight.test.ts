import { describe, expect, it } from 'vitest';
import { GrowingHighlight, highlighterFor } from './highlight.ts';
import { knownLanguage } from './languages.ts';

const python = 'def greet(name):\n    """Says\n    hello."""\n    return f"hello {name}"\n';

describe('highlighting', () => {
  it('gives the same lines however the code is split', async () => {
    const highlighter = await highlighterFor('python');
    const all = (code: string, highlight: GrowingHighlight): unknown => {
      for (;;) {
        const { lines, complete } = highlight.update(code);
        if (complete) return lines;
      }
    };
    const growing = new GrowingHighlight(highlighter, 'python');
    for (let end = 1; end < python.length; end++) growing.update(python.slice(0, end));
    const atOnce = all(python, new GrowingHighlight(highlighter, 'python'));
    expect(all(python, growing)).toEqual(atOnce);
    // The state at the end of a line carries over: this line is inside a string that started above.
    expect(atOnce).toContainEqual([{ text: '    hello."""', color: 'var(--code-token-comment)' }]);
  });

  it('starts again when the code is replaced', async () => {
    const highlight = new GrowingHighlight(await highlighterFor('python'), 'python');
    highlight.update(python);
    expect(highlight.update('x').lines.map((line) => line.map(({ text }) => text).join(''))).toEqual(['x']);
  });

  it('knows common names of languages', () => {
    expect(['py', 'c++', 'ts', 'sh', 'constructor', ''].map(knownLanguage)).toEqual([
      'python',
      'cpp',
      'typescript',
      'shellscript',
      undefined,
      undefined,
    ]);
  });
});
