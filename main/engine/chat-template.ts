/** Renders Jinja chat templates within limits of time and size, because models bring them. */
import { failure } from './errors.ts';
import { inTime } from './in-time.ts';
import { strftime } from './jinja/strftime.ts';
import { JinjaTemplate } from './jinja/template.ts';
import type { ChatMessage } from './protocol.ts';

export const maxTemplateBytes = 2 ** 20;
/** Rendering takes about a millisecond. A template that needs this long is assumed to run forever. */
const renderTimeoutMs = 1000;
/** Maximum number of characters that a template may add to the messages. */
const maxAddedCharacters = 2 ** 20;

/** The special tokens that a template may use, e.g. `bos_token`. */
export type TemplateTokens = Readonly<Record<string, string>>;

/** `text`: a message's content is a string; `parts`: a list of parts. */
type ContentForm = 'text' | 'parts';

/** The place of a system prompt: its own message if the template takes it, else the start of the person's first message. */
export type SystemPlace = 'system' | 'first-message';

export class ChatTemplate {
  readonly text: string;
  readonly #template: JinjaTemplate;
  readonly #defaults: TemplateTokens;
  #form: ContentForm | undefined;
  #system: SystemPlace | undefined;

  /**
   * @param defaults tokens that the template needs and the tokenizer may lack
   * @throws EngineFailure `template-invalid`
   */
  constructor(text: string, defaults: TemplateTokens = {}) {
    if (text.length > maxTemplateBytes) {
      throw failure('template-invalid', { reason: `it has more than ${maxTemplateBytes} characters.` });
    }
    // Removes a byte order mark and converts line ends as Jinja does, so that neither gets into a prompt.
    this.text = text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
    this.#defaults = defaults;
    this.#template = withinTime(() => new JinjaTemplate(this.text));
  }

  /**
   * Renders messages as prompt text. The model's answer follows the text.
   * @throws EngineFailure `template-invalid`
   */
  render(messages: readonly ChatMessage[], tokens: TemplateTokens): string {
    const [system, first, ...rest] = messages;
    if (system?.role === 'system' && first?.role === 'user' && this.systemPlace(tokens) === 'first-message') {
      return this.#bounded([{ role: 'user', content: `${system.content}\n\n${first.content}` }, ...rest], tokens);
    }
    return this.#bounded(messages, tokens);
  }

  /** Some templates refuse a system message or leave it out. Then the first user message begins with it. */
  systemPlace(tokens: TemplateTokens): SystemPlace {
    this.#system ??= this.#shows([{ role: 'system', content: probe }, question], tokens) ? 'system' : 'first-message';
    return this.#system;
  }

  #bounded(messages: readonly ChatMessage[], tokens: TemplateTokens): string {
    const text = this.#render(messages, tokens, this.#contentForm(tokens));
    const given = messages.reduce((sum, message) => sum + message.content.length, 0);
    if (text.length > maxAddedCharacters + 4 * given) {
      throw failure('template-invalid', { reason: 'it makes far more text than the messages hold.' });
    }
    return text;
  }

  /** Tries both forms: a template that wants parts fails on a string or leaves it out. */
  #contentForm(tokens: TemplateTokens): ContentForm {
    const asked: readonly ChatMessage[] = [{ role: 'user', content: probe }];
    this.#form ??= (['text', 'parts'] as const).find((form) => this.#shows(asked, tokens, form)) ?? 'text';
    return this.#form;
  }

  #shows(messages: readonly ChatMessage[], tokens: TemplateTokens, form = this.#contentForm(tokens)): boolean {
    try {
      return this.#render(messages, tokens, form).toLowerCase().includes(probe);
    } catch {
      return false;
    }
  }

  /** Adds the names that `transformers` gives to a template, and today's date. */
  #render(messages: readonly ChatMessage[], tokens: TemplateTokens, form: ContentForm): string {
    const content = ({ content: text }: ChatMessage): unknown => (form === 'text' ? text : [{ type: 'text', text }]);
    return withinTime(() =>
      this.#template.render({
        messages: messages.map((message) => ({ role: message.role, content: content(message) })),
        tools: null,
        documents: null,
        add_generation_prompt: true,
        date_string: strftime(new Date(), '%d %b %Y'),
        ...this.#defaults,
        ...tokens,
      }),
    );
  }
}

const probe = 'wyvern-probe';
const question = { role: 'user', content: 'Hi' } as const;

function withinTime<T>(task: () => T): T {
  const outcome = inTime(task, renderTimeoutMs);
  if (outcome.ended) return outcome.value;
  throw failure('template-invalid', { reason: outcome.reason });
}
