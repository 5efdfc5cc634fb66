/**
 * Formulas in Markdown as models write them: `$x$`, `$$x$$`, `\(x\)` and `\[x\]`. Single dollars follow Pandoc's rule:
 * no white space inside the marks and no digit after them, so “$5 and $10” stays text.
 */
import type { Root } from 'mdast';
import { mathFromMarkdown } from 'mdast-util-math';
import { math } from 'micromark-extension-llm-math';
import type { Code, Construct, Extension } from 'micromark-util-types';
import type { Plugin } from 'unified';
import { visit } from 'unist-util-visit';

/** Classes of the `code` element for a formula. */
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

/** Parses formulas. Marks display formulas, and formulas without a closing mark. */
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
      // Only a flow formula can run to the end of the text, and then its last line is no mark.
      const closed = node.type === 'inlineMath' || /\n[\s>]*(?:\$\$+|\\\])$/.test(source);
      const className = [mathClasses[display ? 'display' : 'inline'], ...(closed ? [] : [mathClasses.open])];
      node.data = { hName: 'code', hProperties: { className }, hChildren: [{ type: 'text', value: node.value }] };
    });
  };
};
