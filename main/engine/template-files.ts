/** Finds the chat template of a bundle. */
import { basename, extname } from 'node:path';
import { z } from 'zod';
import { readJson } from './bounded-json.ts';
import { ChatTemplate, maxTemplateBytes } from './chat-template.ts';
import { readText } from '../files/reading.ts';
import { failure, unreadable } from './errors.ts';
import type { Manifest } from './manifest.ts';
import type { BundlePaths, TemplateInfo } from './protocol.ts';
import type { NamedTemplate, TokenizerConfig } from './tokenizer-config.ts';

/** The template that came with a bundle. */
export interface BundleTemplate {
  readonly source: Extract<TemplateInfo['source'], 'file' | 'tokenizer-config' | 'manifest'>;
  readonly template: ChatTemplate;
}

export interface TemplatePlaces {
  readonly paths: Pick<BundlePaths, 'chatTemplate' | 'additionalTemplates' | 'processorTemplate'>;
  readonly tokenizerConfig: TokenizerConfig | undefined;
  readonly manifest: Manifest | undefined;
}

const template = z.string().max(maxTemplateBytes);
const processorSchema = z.looseObject({
  chat_template: z.union([
    template,
    z.array(z.looseObject({ name: z.string(), template })).max(64),
    z
      .record(z.string(), template)
      .transform((all) => Object.entries(all).map(([name, text]) => ({ name, template: text }))),
  ]),
});

/**
 * Finds the template of a bundle: `chat_template.jinja`, else `additional_chat_templates/default.jinja`, else
 * `chat_template.json`, else `tokenizer_config.json`, else another of `additional_chat_templates/`, else `wyvern.json`.
 * @throws EngineFailure `template-invalid`
 */
export async function findChatTemplate({
  paths,
  tokenizerConfig,
  manifest,
}: TemplatePlaces): Promise<BundleTemplate | undefined> {
  const additional = (paths.additionalTemplates ?? []).toSorted();
  const byDefault = additional.find((path) => nameOf(path) === 'default');
  const file = paths.chatTemplate ?? byDefault;
  if (file !== undefined) return await fromFile(file);
  if (paths.processorTemplate !== undefined) {
    const text = defaultOf(await processorTemplate(paths.processorTemplate));
    if (text !== undefined) return { source: 'file', template: new ChatTemplate(text) };
  }
  const configured = defaultOf(tokenizerConfig?.chat_template);
  if (configured !== undefined) return { source: 'tokenizer-config', template: new ChatTemplate(configured) };
  const [other] = additional;
  if (other !== undefined) return await fromFile(other);
  if (manifest?.chatTemplate === undefined) return undefined;
  return { source: 'manifest', template: new ChatTemplate(manifest.chatTemplate) };
}

/** Returns the named template called `default`, else the first. */
function defaultOf(templates: string | readonly NamedTemplate[] | undefined): string | undefined {
  if (templates === undefined || typeof templates === 'string') return templates;
  return (templates.find(({ name }) => name === 'default') ?? templates[0])?.template;
}

async function fromFile(path: string): Promise<BundleTemplate> {
  return { source: 'file', template: new ChatTemplate(await templateText(path)) };
}

/** @throws EngineFailure `model-unreadable`, `template-invalid` */
async function templateText(path: string): Promise<string> {
  try {
    return await readText(path, maxTemplateBytes);
  } catch (error) {
    const reason = `“${path}”: ${error instanceof Error ? error.message : String(error)}`;
    throw unreadable(path, error) ?? failure('template-invalid', { reason });
  }
}

async function processorTemplate(path: string): Promise<string | readonly NamedTemplate[]> {
  try {
    return (await readJson(path, processorSchema)).chat_template;
  } catch (error) {
    throw (
      unreadable(path, error) ??
      failure('template-invalid', {
        reason: `“${path}” cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      })
    );
  }
}

function nameOf(path: string): string {
  return basename(path, extname(path));
}
