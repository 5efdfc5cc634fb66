/** The slash at the beginning of a message finds prompts by their names. */
import type { Prompt } from '../../preload/contract.ts';

const longestQuery = 60;

/** The letters after the slash; undefined if the message is no slash command. */
export function slashQuery(text: string): string | undefined {
  if (!text.startsWith('/') || text.length > longestQuery || text.includes('\n')) return undefined;
  return text.slice(1);
}

/**
 * Prompts whose name contains the query, without regard to case and accents: first those that begin with it, then those with a
 * word that does.
 */
export function matchingPrompts(prompts: readonly Prompt[], query: string): readonly Prompt[] {
  const wanted = folded(query.trim());
  const rank = ({ name }: Prompt): number => {
    const at = folded(name);
    if (at.startsWith(wanted)) return 0;
    if (at.split(/[^\p{L}\p{N}]+/u).some((word) => word.startsWith(wanted))) return 1;
    return at.includes(wanted) ? 2 : 3;
  };
  return prompts
    .map((prompt) => ({ prompt, rank: rank(prompt) }))
    .filter((found) => found.rank < 3)
    .sort((one, other) => one.rank - other.rank)
    .map(({ prompt }) => prompt);
}

function folded(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
}
