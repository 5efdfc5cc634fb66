/**
 * Documents of ChatGPT's canvas. The model writes one by a call of `canmore.create_textdoc` with `{ name, type, content }`
 * and changes it by `canmore.update_textdoc` with `{ updates: [{ pattern, multiple, replacement }] }`. Each call becomes
 * an attachment: the whole document where the change can be followed, else the change itself.
 */
import type { Attachment } from '../../../preload/contract.ts';
import { field, listOf, objectOf, textOf } from './values.ts';

const longestName = 300;
/** Messages between a change and its document. */
const mostSteps = 10_000;
/** Patterns that stand for the whole document. */
const whole: ReadonlySet<string> = new Set(['.*', '^.*$', '(?s).*', '[\\s\\S]*', '.+', '(.*)']);

interface Document {
  readonly name: string;
  /** Undefined after a change that cannot be followed. */
  readonly text: string | undefined;
}

export class CanvasDocuments {
  readonly #mapping: ReadonlyMap<string, unknown>;
  readonly #known = new Map<string, Document | undefined>();

  constructor(mapping: ReadonlyMap<string, unknown>) {
    this.#mapping = mapping;
  }

  /** The attachment for the call in this node; undefined if it is no call that creates or changes a document. */
  attachment(key: string): Attachment | undefined {
    const call = this.#callOf(key);
    if (!call) return undefined;
    const document = this.#documentAt(key);
    const name = (document?.name ?? '').slice(0, longestName).toWellFormed().trim() || 'Document';
    if (document?.text !== undefined) return document.text === '' ? undefined : { name, text: document.text };
    const changes = call.updates.map(({ pattern, replacement }) => `Replaced: ${pattern}\nWith:\n${replacement}`);
    return changes.length === 0 ? undefined : { name: `${name} (changes)`, text: changes.join('\n\n') };
  }

  /** The document after the call in this node. */
  #documentAt(key: string): Document | undefined {
    const chain: string[] = [];
    const seen = new Set<string>();
    let document: Document | undefined;
    for (let at: string | undefined = key; at !== undefined && !seen.has(at) && seen.size < mostSteps;) {
      seen.add(at);
      if (this.#known.has(at)) {
        document = this.#known.get(at);
        break;
      }
      const call = this.#callOf(at);
      if (call) chain.push(at);
      if (call?.created) break;
      at = textOf(field(this.#mapping.get(at), 'parent'));
    }
    for (const at of chain.reverse()) {
      const call = this.#callOf(at);
      document =
        call?.created ?? (document && { name: document.name, text: changed(document.text, call?.updates ?? []) });
      this.#known.set(at, document);
    }
    return document;
  }

  #callOf(key: string): Call | undefined {
    const message = field(this.#mapping.get(key), 'message');
    const recipient = textOf(field(message, 'recipient')) ?? '';
    if (!recipient.startsWith('canmore.')) return undefined;
    const args = argumentsOf(field(message, 'content'));
    const content = textOf(field(args, 'content'));
    if (recipient === 'canmore.create_textdoc' && content !== undefined) {
      return { created: { name: textOf(field(args, 'name')) ?? '', text: content }, updates: [] };
    }
    const updates = listOf(field(args, 'updates')).map((update) => ({
      pattern: textOf(field(update, 'pattern')) ?? '',
      replacement: textOf(field(update, 'replacement')) ?? '',
      isMultiple: field(update, 'multiple') === true,
    }));
    return recipient === 'canmore.update_textdoc' && updates.length > 0 ? { updates } : undefined;
  }
}

interface Update {
  readonly pattern: string;
  readonly replacement: string;
  readonly isMultiple: boolean;
}

interface Call {
  readonly created?: Document;
  readonly updates: readonly Update[];
}

/** The JSON of a call stands in the text of its message. */
function argumentsOf(content: unknown): unknown {
  const text =
    textOf(field(content, 'text')) ?? listOf(field(content, 'parts')).find((part) => typeof part === 'string');
  if (typeof text !== 'string') return undefined;
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Follows changes whose pattern is plain text or the whole document. A pattern from a file is never run. */
function changed(text: string | undefined, updates: readonly Update[]): string | undefined {
  let now = text;
  for (const { pattern, replacement, isMultiple } of updates) {
    if (whole.has(pattern)) {
      now = replacement;
      continue;
    }
    const literal = literalOf(pattern);
    if (now === undefined || literal === undefined || !now.includes(literal)) return undefined;
    now = isMultiple ? now.replaceAll(literal, () => replacement) : now.replace(literal, () => replacement);
  }
  return now;
}

/** The text that a pattern without operators matches. */
function literalOf(pattern: string): string | undefined {
  const plain = pattern.replaceAll(/\\([^\p{L}\p{N}])/gu, '');
  if (pattern === '' || /[\\^$.*+?()[\]{}|]/.test(plain)) return undefined;
  return pattern.replaceAll(/\\([^\p{L}\p{N}])/gu, '$1');
}
