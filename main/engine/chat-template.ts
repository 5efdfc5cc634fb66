/** Jinja chat templates: where a bundle keeps its own, and rendering within bounds, since templates come with models. */
import { Template } from '@huggingface/jinja';
import { readFile, stat } from 'node:fs/promises';
import { failure } from './errors.ts';
import { inTime } from './in-time.ts';
import type { Manifest, TokenizerConfig } from './manifest.ts';
import type { ChatMessage } from './protocol.ts';

export const maxTemplateBytes = 2 ** 20;
/** Rendering takes about a millisecond; a template that needs this long does not end. */
const renderTimeoutMs = 1000;
/** Most characters a template may add to what the messages hold. */
const maxAddedCharacters = 2 ** 20;

/** The special tokens a template may name. */
export type TemplateTokens = Readonly<Record<'bos_token' | 'eos_token' | 'unk_token' | 'pad_token', string>>;

export class ChatTemplate {
  readonly text: string;
  readonly #template: Template;

  /** @throws EngineFailure `template-invalid` */
  constructor(text: string) {
    if (text.length > maxTemplateBytes) {
      throw failure('template-invalid', { reason: `it has more than ${maxTemplateBytes} characters.` });
    }
    this.text = text;
    this.#template = withinTime(() => new Template(text));
  }

  /**
   * Messages → prompt text that ends where the model's answer begins.
   * @throws EngineFailure `template-invalid`
   */
  render(messages: readonly ChatMessage[], tokens: TemplateTokens): string {
    const render = (list: readonly ChatMessage[]): string =>
      withinTime(() => this.#template.render({ messages: list, add_generation_prompt: true, ...tokens }));
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

/** The template that came with a bundle. */
export interface BundleTemplate {
  readonly source: 'file' | 'tokenizer-config' | 'manifest';
  readonly template: ChatTemplate;
}

/**
 * Finds the template of a bundle: `chat_template.jinja`, else `tokenizer_config.json`, else `wyvern.json`.
 * @throws EngineFailure `template-invalid`
 */
export async function findChatTemplate(sources: {
  readonly file: string | undefined;
  readonly tokenizerConfig: TokenizerConfig | undefined;
  readonly manifest: Manifest | undefined;
}): Promise<BundleTemplate | undefined> {
  if (sources.file !== undefined) {
    const { size } = await stat(sources.file);
    if (size > maxTemplateBytes) {
      throw failure('template-invalid', { reason: `“${sources.file}” has ${size} bytes.` });
    }
    return { source: 'file', template: new ChatTemplate(await readFile(sources.file, 'utf8')) };
  }
  const configured = sources.tokenizerConfig?.chat_template;
  const fromConfig = Array.isArray(configured)
    ? (configured.find(({ name }) => name === 'default') ?? configured[0])?.template
    : configured;
  if (fromConfig != null) return { source: 'tokenizer-config', template: new ChatTemplate(fromConfig) };
  const fromManifest = sources.manifest?.chatTemplate;
  if (fromManifest !== undefined) return { source: 'manifest', template: new ChatTemplate(fromManifest) };
  return undefined;
}
