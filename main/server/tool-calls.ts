/** Finds calls in an answer. Text that only looks like a call stays text. */
import { randomUUID } from 'node:crypto';
import type { TemplateInfo } from '../../preload/contract.ts';
import type { Tool, ToolCall } from '../engine/protocol.ts';
import { jsonObject, objectOf } from './chat-request.ts';

export interface Read {
  readonly text: string;
  readonly calls: readonly ToolCall[];
}

const nothing: Read = { text: '', calls: [] };
const begin = '<tool_call>';
const end = '</tool_call>';

export interface CallReader {
  /** Takes new text, and returns the part that is certain. */
  push(text: string): Read;
  /** Returns the held-back part, at the end of the answer. */
  flush(): Read;
}

export function callReader(form: TemplateInfo['tools'], tools: readonly Tool[]): CallReader {
  const names = new Set(tools.map(({ name }) => name));
  if (names.size === 0 || form === undefined || form === 'other') {
    return { push: (text) => ({ text, calls: [] }), flush: () => nothing };
  }
  return form === 'hermes' ? new MarkedCalls(names) : new WholeCall(names);
}

/** JSON between `<tool_call>` marks, as Hermes and Qwen write it. */
class MarkedCalls implements CallReader {
  readonly #names: ReadonlySet<string>;
  #held = '';

  constructor(names: ReadonlySet<string>) {
    this.#names = names;
  }

  push(text: string): Read {
    this.#held += text;
    let said = '';
    const calls: ToolCall[] = [];
    for (;;) {
      const from = this.#held.indexOf(begin);
      const to = from < 0 ? -1 : this.#held.indexOf(end, from);
      if (to < 0) break;
      const call = callOf(this.#held.slice(from + begin.length, to), this.#names);
      const whole = this.#held.slice(0, to + end.length);
      said += call === undefined ? whole : this.#held.slice(0, from).trimEnd();
      if (call !== undefined) calls.push(call);
      this.#held = this.#held.slice(whole.length);
      if (call !== undefined) this.#held = this.#held.trimStart();
    }
    const open = this.#held.indexOf(begin);
    const certain = open < 0 ? this.#held.length - uncertain(this.#held) : this.#held.slice(0, open).trimEnd().length;
    said += this.#held.slice(0, certain);
    this.#held = this.#held.slice(certain);
    return { text: said, calls };
  }

  flush(): Read {
    const held = this.#held;
    this.#held = '';
    const from = held.indexOf(begin);
    // The stop token may come instead of the closing mark.
    const call = from < 0 ? undefined : callOf(held.slice(from + begin.length), this.#names);
    return call === undefined ? { text: held, calls: [] } : { text: '', calls: [call] };
  }
}

/** Length of the end of a text that may belong to a mark: white space, and the beginning of the mark. */
function uncertain(text: string): number {
  let mark = Math.min(begin.length - 1, text.length);
  while (mark > 0 && !begin.startsWith(text.slice(-mark))) mark--;
  const before = text.slice(0, text.length - mark);
  return mark + before.length - before.trimEnd().length;
}

/** One JSON object as the whole answer, as Llama 3.1 and later write it. */
class WholeCall implements CallReader {
  readonly #names: ReadonlySet<string>;
  #held: string | undefined = '';

  constructor(names: ReadonlySet<string>) {
    this.#names = names;
  }

  push(text: string): Read {
    if (this.#held === undefined) return { text, calls: [] };
    this.#held += text;
    const start = this.#held.trimStart();
    if (start === '' || start.startsWith('{')) return nothing;
    const said = this.#held;
    this.#held = undefined;
    return { text: said, calls: [] };
  }

  flush(): Read {
    const held = this.#held ?? '';
    this.#held = '';
    const call = callOf(held, this.#names);
    return call === undefined ? { text: held, calls: [] } : { text: '', calls: [call] };
  }
}

/** A call of an offered tool. */
function callOf(text: string, names: ReadonlySet<string>): ToolCall | undefined {
  const call = jsonObject(text.trim());
  const name = call?.['name'];
  const given = call?.['arguments'] ?? call?.['parameters'] ?? {};
  const values = typeof given === 'string' ? jsonObject(given) : objectOf(given);
  if (typeof name !== 'string' || !names.has(name) || values === undefined) return undefined;
  return { id: `call_${randomUUID().replaceAll('-', '').slice(0, 24)}`, name, arguments: values };
}
