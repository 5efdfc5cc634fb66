/** Reads the tokens that post-processors of `tokenizer.json` put before a prompt. */
import { flatten, type Component } from './components.ts';

/** @returns Texts of tokens, e.g. `<s>` */
export function tokensBefore(component: Component | null): string[] {
  return flatten(component, 'processors').flatMap((step) => {
    switch (step.type) {
      case 'TemplateProcessing':
        return templateTokens(step);
      case 'BertProcessing':
      case 'RobertaProcessing': {
        const [token] = Array.isArray(step['cls']) ? (step['cls'] as unknown[]) : [];
        return typeof token === 'string' ? [token] : [];
      }
      default:
        return [];
    }
  });
}

/** `single` is a list of special tokens around the sequence. */
function templateTokens({ single }: Component): string[] {
  const tokens: string[] = [];
  for (const part of Array.isArray(single) ? (single as unknown[]) : []) {
    if (typeof part !== 'object' || part === null || !('SpecialToken' in part)) break;
    const special = part.SpecialToken;
    if (typeof special === 'object' && special !== null && 'id' in special && typeof special.id === 'string') {
      tokens.push(special.id);
    }
  }
  return tokens;
}
