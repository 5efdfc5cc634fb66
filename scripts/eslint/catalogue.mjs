/**
 * Lint rules for the window's words: each is in the catalogue (renderer/strings/), and is read when it is said, so that
 * it is in the language of that moment.
 */

/** @typedef {import('@typescript-eslint/utils').TSESTree.Node} Node */
/** @template {string} Id @typedef {import('@typescript-eslint/utils').TSESLint.RuleModule<Id>} Rule */

const spoken = new Set([
  'alt',
  'aria-description',
  'aria-label',
  'aria-placeholder',
  'aria-roledescription',
  'aria-valuetext',
  'body',
  'heading',
  'hint',
  'label',
  'placeholder',
  'title',
]);

/**
 * Words are letters one after the other; marks, numbers and single letters are the same in all languages.
 *
 * @param {string} text
 */
const holdsWords = (text) => /\p{L}{2}/u.test(text);

/**
 * The texts an expression can be: `'a'`, `` `a${b}` ``, `c ? 'a' : 'b'`, `c && 'a'`.
 *
 * @param {Node | null} node
 * @returns {[at: Node, text: string][]}
 */
function literalsOf(node) {
  if (node === null) return [];
  if (node.type === 'Literal') return typeof node.value === 'string' ? [[node, node.value]] : [];
  if (node.type === 'TemplateLiteral') return node.quasis.map((part) => [part, part.value.raw]);
  if (node.type === 'ConditionalExpression') return [...literalsOf(node.consequent), ...literalsOf(node.alternate)];
  if (node.type === 'LogicalExpression') return [...literalsOf(node.left), ...literalsOf(node.right)];
  if (node.type === 'JSXExpressionContainer') return literalsOf(node.expression);
  return [];
}

/** @type {Rule<'words'>} */
const wordsInCatalogue = {
  defaultOptions: [],
  meta: { type: 'problem', schema: [], messages: { words: 'Words the window says are in renderer/strings/.' } },
  create: (context) => {
    /** @param {Node | null} node */
    const judge = (node) => {
      for (const [at, text] of literalsOf(node)) if (holdsWords(text)) context.report({ node: at, messageId: 'words' });
    };
    return {
      JSXText: (node) => {
        if (holdsWords(node.value)) context.report({ node, messageId: 'words' });
      },
      JSXExpressionContainer: (node) => {
        if (node.parent.type !== 'JSXAttribute') judge(node);
      },
      JSXAttribute: ({ name, value, parent }) => {
        // `name` is what a button of ours is called, and a technical name of an element.
        const element = parent.name.type === 'JSXIdentifier' ? parent.name.name : '';
        const called = name.name === 'name' && element.endsWith('Button');
        if (called || (name.type === 'JSXIdentifier' && spoken.has(name.name))) judge(value);
      },
    };
  },
};

/** @type {Rule<'early'>} */
const stringsReadLate = {
  defaultOptions: [],
  meta: {
    type: 'problem',
    schema: [],
    messages: { early: 'Read `strings` inside a function: a module is loaded once, the language can change.' },
  },
  create: (context) => ({
    MemberExpression: (node) => {
      if (node.object.type !== 'Identifier' || node.object.name !== 'strings') return;
      const within = context.sourceCode.getAncestors(node).some(({ type }) => /Function/.test(type));
      if (!within) context.report({ node, messageId: 'early' });
    },
  }),
};

/** What typescript-eslint knows of rules, ESLint's own types do not. */
const rules = /** @type {unknown} */ ({ 'words-in-catalogue': wordsInCatalogue, 'strings-read-late': stringsReadLate });

export const catalogue = /** @type {import('eslint').ESLint.Plugin} */ ({ rules });
