/** Normalizers of `tokenizer.json`. They change text before it is cut into words. */
import { charsmapNormalizer } from './charsmap.ts';
import { flatten, stringOf, type Component } from './components.ts';
import { patternOf } from './pre-tokenizer.ts';

export type Normalize = (text: string) => string;

/** @throws Error for an unknown normalizer */
export function normalizerOf(component: Component | null): Normalize {
  const steps = flatten(component, 'normalizers').map(stepOf);
  return (text) => steps.reduce((normal, step) => step(normal), text);
}

function stepOf(step: Component): Normalize {
  switch (step.type) {
    case 'NFC':
    case 'NFD':
    case 'NFKC':
    case 'NFKD': {
      const form = step.type;
      return (text) => text.normalize(form);
    }
    case 'Replace': {
      const pattern = patternOf(step);
      const content = stringOf(step, 'content', '');
      return (text) => text.replace(pattern, () => content);
    }
    case 'Prepend': {
      const prefix = stringOf(step, 'prepend', '');
      return (text) => (text === '' ? '' : prefix + text);
    }
    case 'Strip': {
      const ends = [
        ...(step['strip_left'] === false ? [] : ['^\\p{White_Space}+']),
        ...(step['strip_right'] === false ? [] : ['\\p{White_Space}+$']),
      ];
      if (ends.length === 0) return (text) => text;
      const pattern = new RegExp(ends.join('|'), 'gu');
      return (text) => text.replace(pattern, '');
    }
    case 'Lowercase':
      // Lowercases each character by itself, like Rust: no final sigma.
      return (text) => Array.from(text, (character) => character.toLowerCase()).join('');
    case 'StripAccents':
      return (text) => text.replace(/\p{M}/gu, '');
    case 'Precompiled':
      return charsmapNormalizer(stringOf(step, 'precompiled_charsmap', ''));
    default:
      throw new Error(`its normalizer “${step.type}” is not one a language model uses.`);
  }
}
