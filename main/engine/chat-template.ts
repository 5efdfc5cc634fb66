/** Jinja chat templates, rendered within bounds, since they come with models. */
import { Template } from '@huggingface/jinja';
import { failure } from './errors.ts';
import { inTime } from './in-time.ts';
import type { ChatMessage } from './protocol.ts';

export const maxTemplateBytes = 2 ** 20;
/** Rendering takes about a millisecond; a template that needs this long does not end. */
const renderTimeoutMs = 1000;
/** Most characters a template may add to what the messages hold. */
const maxAddedCharacters = 2 ** 20;

/** The special tokens a template may name, e.g. `bos_token`. */
export type TemplateTokens = Readonly<Record<string, string>>;

export class ChatTemplate {
  readonly text: string;
  readonly #template: Template;
  readonly #defaults: TemplateTokens;

  /**
   * @param defaults tokens that the template needs, for tokenizers that have none of the name
   * @throws EngineFailure `template-invalid`
   */
  constructor(text: string, defaults: TemplateTokens = {}) {
    if (text.length > maxTemplateBytes) {
      throw failure('template-invalid', { reason: `it has more than ${maxTemplateBytes} characters.` });
    }
    // As Jinja reads its sources: an editor's byte order mark and line ends are no part of a prompt.
    this.text = text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
    this.#defaults = defaults;
    this.#template = withinTime(() => new Template(this.text));
  }

  /**
   * Messages → prompt text that ends where the model's answer begins.
   * @throws EngineFailure `template-invalid`
   */
  render(messages: readonly ChatMessage[], tokens: TemplateTokens): string {
    const render = (list: readonly ChatMessage[]): string =>
      withinTime(() =>
        this.#template.render({ messages: list, add_generation_prompt: true, ...this.#defaults, ...tokens }),
      );
    const text = this.#renderWithSystem(messages, render);
    const given = messages.reduce((sum, message) => sum + message.content.length, 0);
    if (typeof text !== 'string' || text.length > maxAddedCharacters + 4 * given) {
      throw failure('template-invalid', { reason: 'it makes far more text than the messages hold.' });
    }
    return text;
  }

  /** Some templates refuse a system message; then it opens the first message of the user, as their authors advise. */
  #renderWithSystem(messages: readonly ChatMessage[], render: (messages: readonly ChatMessage[]) => string): string {
    try {
      return render(messages);
    } catch (error) {
      const [system, first, ...rest] = messages;
      if (system?.role !== 'system' || first?.role !== 'user') throw error;
      try {
        return render([{ role: 'user', content: `${system.content}\n\n${first.content}` }, ...rest]);
      } catch {
        throw error;
      }
    }
  }
}

function withinTime<T>(task: () => T): T {
  const outcome = inTime(task, renderTimeoutMs);
  if (outcome.ended) return outcome.value;
  throw failure('template-invalid', { reason: outcome.reason });
}
