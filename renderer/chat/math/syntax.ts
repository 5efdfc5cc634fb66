/**
 * Formulas in Markdown as models write them: `$x$`, `$$x$$`, `\(x\)` and `\[x\]`. A single dollar is a formula's by the rule
 * that Pandoc has: no white space inside the marks and no digit after them, so that “$5 and $10” are sums of money.
 */
import type { Root } from 'mdast';
import { mathFromMarkdown } from 'mdast-util-math';
import { math } from 'micromark-extension-llm-math';
import type { Code, Construct, Extension } from 'micromark-util-types';
import type { Plugin } from 'unified';
import { visit } from 'unist-util-visit';

/** Classes of the `code` element that a formula becomes. */
export const mathClasses = { inline: 'math-inline', display: 'math-display', open: 'math-open' } as const;

const dollar = 36;
const space = /^\$\s|\s\$$/;

const syntax: Extension = (() => {
  const all = math();
  const inline = all.text?.[dollar];
  if (inline === undefined || Array.isArray(inline)) throw new Error('The math extension has another form.');
  return { ...all, text: { ...all.text, [dollar]: likePandoc(inline) } };
})();

function likePandoc(construct: Construct): Construct {
  return {
    ...construct,
    tokenize(effects, ok, nok) {
      const start = this.now();
      const accept = (after: Code): ReturnType<typeof ok> => {
        const source = this.sliceSerialize({ start, end: this.now() });
        if (source.startsWith('$$')) return ok(after);
        const digit = after !== null && after >= 48 && after <= 57;
        return digit || space.test(source) ? nok(after) : ok(after);
      };
      return construct.tokenize.call(this, effects, accept, nok);
    },
  };
}

/** Parses formulas; marks those that stand by themselves, and those whose end is not written yet. */
export const remarkFormulas: Plugin<[], Root> = function () {
  const data = this.data() as { micromarkExtensions?: Extension[]; fromMarkdownExtensions?: unknown[] };
  (data.micromarkExtensions ??= []).push(syntax);
  (data.fromMarkdownExtensions ??= []).push(mathFromMarkdown());
  return (tree, file) => {
    const text = String(file);
    visit(tree, ['math', 'inlineMath'], (node) => {
      if (node.type !== 'math' && node.type !== 'inlineMath') return;
      const source = text.slice(node.position?.start.offset, node.position?.end.offset).trimEnd();
      const display = node.type === 'math' || /^(?:\$\$|\\\[)/.test(source);
      // Only flow goes on to the end of the text; its last line is then no mark.
      const closed = node.type === 'inlineMath' || /\n[\s>]*(?:\$\$+|\\\])$/.test(source);
      const className = [mathClasses[display ? 'display' : 'inline'], ...(closed ? [] : [mathClasses.open])];
      node.data = { hName: 'code', hProperties: { className }, hChildren: [{ type: 'text', value: node.value }] };
    });
  };
};
