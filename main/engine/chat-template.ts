/** Renders Jinja chat templates within limits of time and size, because models bring them. */
import { failure } from './errors.ts';
import { inTime } from './in-time.ts';
import { strftime } from './jinja/strftime.ts';
import { JinjaTemplate } from './jinja/template.ts';
import type { ChatMessage, TemplateInfo, Tool } from './protocol.ts';
import { templateMessage, templateTools, toolForm } from './tools.ts';
import { thinkingSwitch, thinkingVariables, withThinkingFlag, type ThinkingSwitch } from './thoughts/switch.ts';

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

export interface RenderOptions {
  /** Whether the model thinks before it answers; absent: as the template does by itself. */
  readonly thinking?: boolean | undefined;
  /** If the template has no place for a system prompt, the first message begins with it. False: it is left out. Default true. */
  readonly systemInFirst?: boolean | undefined;
  /** Default true: the prompt ends where the model's answer follows. */
  readonly toAnswer?: boolean;
  readonly tools?: readonly Tool[] | undefined;
}

/** Names by which templates read an earlier thought. The first is the usual one. */
const thoughtNames = ['reasoning_content', 'reasoning', 'thinking'];

export class ChatTemplate {
  readonly text: string;
  readonly #template: JinjaTemplate;
  readonly #defaults: TemplateTokens;
  #form: ContentForm | undefined;
  #system: SystemPlace | undefined;
  #thinking: { readonly found: ThinkingSwitch | undefined } | undefined;
  #tools: { readonly form: TemplateInfo['tools'] } | undefined;
  readonly #thoughtNames: readonly string[];

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
    this.#thoughtNames = thoughtNames.filter((name, index) => index === 0 || this.text.includes(name));
  }

  /**
   * Renders messages as prompt text. The model's answer follows the text.
   * @throws EngineFailure `template-invalid`
   */
  render(messages: readonly ChatMessage[], tokens: TemplateTokens, options: RenderOptions = {}): string {
    // Only a prompt without thinking may need the switch, and finding it renders the template several times.
    const found = options.thinking === false ? this.thinkingSwitch(tokens) : undefined;
    return this.#placed(withThinkingFlag(found, messages, options.thinking), tokens, options);
  }

  /** Like {@link render}, but undefined if the template fails. */
  tried(messages: readonly ChatMessage[], tokens: TemplateTokens, options: RenderOptions): string | undefined {
    try {
      return this.#placed(messages, tokens, options);
    } catch {
      return undefined;
    }
  }

  /** Undefined: the template has no switch for thinking. */
  thinkingSwitch(tokens: TemplateTokens): ThinkingSwitch | undefined {
    this.#thinking ??= { found: thinkingSwitch(this, tokens) };
    return this.#thinking.found;
  }

  /** The form of a tool call; undefined: the template has no place for tools. */
  toolForm(tokens: TemplateTokens): TemplateInfo['tools'] {
    this.#tools ??= { form: toolForm(this, tokens) };
    return this.#tools.form;
  }

  #placed(messages: readonly ChatMessage[], tokens: TemplateTokens, options: RenderOptions): string {
    const [system, first, ...rest] = messages;
    const isHomeless = system?.role === 'system' && this.systemPlace(tokens) === 'first-message';
    if (isHomeless && options.systemInFirst === false) return this.#bounded(messages.slice(1), tokens, options);
    if (isHomeless && first?.role === 'user') {
      const joined = { role: 'user', content: `${system.content}\n\n${first.content}` } as const;
      return this.#bounded([joined, ...rest], tokens, options);
    }
    return this.#bounded(messages, tokens, options);
  }

  /** Some templates refuse a system message or leave it out. Then the first user message begins with it. */
  systemPlace(tokens: TemplateTokens): SystemPlace {
    this.#system ??= this.#shows([{ role: 'system', content: probe }, question], tokens) ? 'system' : 'first-message';
    return this.#system;
  }

  #bounded(messages: readonly ChatMessage[], tokens: TemplateTokens, options: RenderOptions): string {
    const text = this.#render(messages, tokens, this.#contentForm(tokens), options);
    const given = JSON.stringify([messages, options.tools ?? []]).length;
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
  #render(
    messages: readonly ChatMessage[],
    tokens: TemplateTokens,
    form: ContentForm,
    { thinking, toAnswer = true, tools }: RenderOptions = {},
  ): string {
    const content = ({ content: text }: ChatMessage): unknown => (form === 'text' ? text : [{ type: 'text', text }]);
    const thoughtOf = ({ thought }: ChatMessage): object =>
      thought === undefined ? {} : Object.fromEntries(this.#thoughtNames.map((name) => [name, thought]));
    return withinTime(() =>
      this.#template.render({
        messages: messages.map((message) => ({
          ...templateMessage(message),
          content: content(message),
          ...thoughtOf(message),
        })),
        tools: tools === undefined || tools.length === 0 ? null : templateTools(tools),
        documents: null,
        add_generation_prompt: toAnswer,
        date_string: strftime(new Date(), '%d %b %Y'),
        ...thinkingVariables(thinking),
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
