/** Every call of the window: input schema and output type by name. */
import { z } from 'zod';
import { modelParts } from './additions.ts';
import type { AdditionState } from './additions.ts';
import type { AppInfo, DataFacts } from './app.ts';
import { attachments } from './chats.ts';
import type { Conversation, Draft, Message, Page, SearchHit } from './chats.ts';
import { exportForms } from './exchange.ts';
import type { ChatImportReport, ImportedPresets, SavedChats } from './exchange.ts';
import { bytes, id, ids, messageText, pageSize, path, title } from './fields.ts';
import type { ModelBenchmark, ModelDetails, ModelEntry, ModelState } from './models.ts';
import { promptName, promptText } from './prompts.ts';
import type { ImportedPrompts, Prompt } from './prompts.ts';
import type { PublishedModels } from './published.ts';
import type { Run } from './runs.ts';
import type { ServerState } from './server.ts';
import { generationOverrides, settings } from './settings.ts';
import type { GenerationOverrides, Preset, Settings } from './settings.ts';
import { sampleMessages, templateChoice } from './templates.ts';
import type { TemplateChoice, TemplateInfo, TemplatePreview } from './templates.ts';
import { contextPolicies, documentKinds, maxDocumentBytes, mostPrompts } from './values.ts';

const maxPictureCharacters = 4_000_000;

export const callInputs = {
  'app.info': z.object({}),
  /** Answers `app.closing`. */
  'app.close': z.object({ close: z.boolean() }),
  /** Chats by last change, newest first. The first page also contains all pinned chats. */
  'conversations.list': z.object({
    /** Last chat of the previous page. */
    after: z.object({ updatedAt: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER), id }).optional(),
    limit: pageSize,
  }),
  'conversations.open': z.object({ id }),
  /** One page of messages before the known ones, or all of them from `through` on. */
  'conversations.earlier': z.object({ id, before: id, through: id.optional() }),
  'conversations.create': z.object({ id, settings: generationOverrides.optional() }),
  'conversations.rename': z.object({ id, title }),
  'conversations.pin': z.object({ ids, pinned: z.boolean() }),
  /** Copies a chat with all its branches. */
  'conversations.duplicate': z.object({ id, newId: id, title }),
  'conversations.delete': z.object({ ids }),
  'conversations.restore': z.object({ ids }),
  /** Replaces the settings of this chat. */
  'conversations.configure': z.object({ id, settings: generationOverrides }),
  'conversations.setContextPolicy': z.object({ id, policy: z.enum(contextPolicies) }),
  'conversations.search': z.object({ text: z.string().min(1).max(500), limit: pageSize }),
  /** Starts a chat in memory alone: nothing of it reaches the disk. The calls of chats and drafts take its id. */
  'temporary.begin': z.object({ id, settings: generationOverrides.optional() }),
  /** Stores a temporary chat under the same id, also during an answer. */
  'temporary.keep': z.object({ id }),
  /** Forgets a temporary chat. A running answer is stopped first. */
  'temporary.end': z.object({ id }),
  /**
   * Asks for a file name with the system's dialog and exports chats; undefined if cancelled.
   * @param ids Absent: all chats
   */
  'chats.export': z.object({ ids: ids.optional(), form: z.enum(exportForms) }),
  /** Finds the dropped files, folders and archives that contain chats. */
  'chats.recognise': z.object({ paths: z.array(path).min(1).max(1000) }),
  /** Imports their chats; `chats.importing` reports the progress. */
  'chats.import': z.object({ paths: z.array(path).min(1).max(1000) }),
  /** Asks for files or a folder with the system's dialog, then works like `chats.import`; undefined if cancelled. */
  'chats.chooseImport': z.object({ folder: z.boolean() }),
  /** Cancels the import. Chats imported so far stay. */
  'chats.cancelImport': z.object({}),
  /** @param conversationId Absent: the chat that is not stored yet */
  'drafts.get': z.object({ conversationId: id.optional() }),
  'drafts.set': z.object({ conversationId: id.optional(), text: messageText, attachments }),
  /** The text of a document, read in a process of its own. */
  'documents.read': z.object({
    name: z.string().min(1).max(32_768),
    kind: z.enum(documentKinds),
    bytes: bytes(maxDocumentBytes),
  }),
  'presets.list': z.object({}),
  'presets.save': z.object({ id, name: title, settings: generationOverrides }),
  /** Renames a preset. If the name is taken, a number is added. */
  'presets.rename': z.object({ id, name: title }),
  'presets.delete': z.object({ id }),
  /**
   * Asks for a file name with the system's dialog and exports presets; undefined if cancelled.
   * @param id Absent: all presets
   */
  'presets.export': z.object({ id: id.optional() }),
  /** Asks for a preset file with the system's dialog and imports it; undefined if cancelled. */
  'presets.import': z.object({}),
  /** The prompts in the person's order; starter prompts in the language of the window. */
  'prompts.list': z.object({}),
  /** Adds a prompt or replaces the one with the same id. If the name is taken, a number is added. @param at Its place, from 0 */
  'prompts.save': z.object({
    id,
    name: promptName,
    text: promptText,
    at: z.number().int().min(0).max(mostPrompts).optional(),
  }),
  /** @param at The new place, from 0 */
  'prompts.move': z.object({ id, at: z.number().int().min(0).max(mostPrompts) }),
  'prompts.delete': z.object({ id }),
  /** Adds the starter prompts that are missing. */
  'prompts.addStarters': z.object({}),
  /** Asks for a file name with the system's dialog and exports all prompts; undefined if cancelled. */
  'prompts.export': z.object({}),
  /** Asks for a file of prompts with the system's dialog and imports it; undefined if cancelled. */
  'prompts.import': z.object({}),
  /** Text of the clipboard; empty if it has none. Only a prompt with `{{clipboard}}` reads it. */
  'clipboard.read': z.object({}),
  /** The window creates both ids, so that no delta can arrive before its message. */
  'chat.send': z.object({ conversationId: id, userMessageId: id, answerId: id, text: messageText, attachments }),
  /** Sends an edited message; `messageId` stays as another branch. */
  'chat.edit': z.object({
    conversationId: id,
    messageId: id,
    userMessageId: id,
    answerId: id,
    text: messageText,
    attachments,
  }),
  /**
   * Regenerates an answer, with another model if given. The old one stays as another branch, unless it never started.
   */
  'chat.regenerate': z.object({ conversationId: id, messageId: id, answerId: id, modelId: id.optional() }),
  /** Continues the last answer. */
  'chat.continue': z.object({ conversationId: id, messageId: id }),
  /** Deletes a message and everything after it, in all branches. */
  'chat.delete': z.object({ conversationId: id, messageId: id }),
  'chat.restore': z.object({ conversationId: id, messageId: id }),
  /** Shows the branch of this message. */
  'chat.show': z.object({ conversationId: id, messageId: id }),
  'chat.stop': z.object({ answerId: id }),
  /** The answer in progress, for a window that was loaded during it; undefined if there is none. */
  'chat.running': z.object({}),
  /** Token times of an answer, also while it is in progress; undefined if none were kept. */
  'runs.get': z.object({ messageId: id }),
  /** Asks for a file name with the system's dialog and saves the token times as CSV; undefined if cancelled. */
  'runs.saveTable': z.object({ messageId: id }),
  /** Does the same with a picture that the window drew: a PNG in base64. */
  'runs.savePicture': z.object({
    messageId: id,
    png: z
      .string()
      .min(1)
      .max(maxPictureCharacters)
      .regex(/^[A-Za-z0-9+/]+={0,2}$/),
  }),
  'models.list': z.object({}),
  /** Published models that the app knows, in the order of what suits this machine. Reads a list that comes with the app. */
  'models.published': z.object({}),
  /**
   * Checks dropped files, folders or a zip, finds the files that belong together, adds the model to the library and
   * loads it. If a file is unclear or missing, returns undefined, and `additions.changed` asks the person.
   */
  'models.open': z.object({ paths: z.array(path).min(1).max(1000) }),
  /**
   * @param anyway Load although memory seems short, files changed, or the engine crashed twice. The last two apply to
   * this load only.
   */
  'models.load': z.object({ id, anyway: z.boolean().optional() }),
  /** Unloads the model, or cancels its load. */
  'models.unload': z.object({}),
  /** Removes the model from the library. `files` deletes its files too, if they are in the library's folder. */
  'models.remove': z.object({ id, files: z.boolean().optional() }),
  'models.details': z.object({ id }),
  /** Measures the loaded model; undefined if it was stopped. */
  'models.benchmark': z.object({}),
  'models.stopBenchmark': z.object({}),
  /** Shows the program in the system's file manager. */
  'models.reveal': z.object({ id }),
  /** Asks for a file or folder with the system's dialog, then works like `models.open`; undefined if cancelled. */
  'models.choose': z.object({}),
  /** Copies the model's files into the library's folder; `additions.changed` reports the progress. */
  'models.copy': z.object({ id }),
  /** Asks for the new place of the model's files, and uses them there if they are unchanged; undefined if cancelled. */
  'models.locate': z.object({ id }),
  'additions.get': z.object({}),
  /** Answers a question with one of its files. */
  'additions.choose': z.object({ id, part: z.enum(modelParts), path }),
  /**
   * Asks for a missing file with the system's dialog.
   * @param folder Asks for a folder that has the file
   */
  'additions.locate': z.object({ id, part: z.enum(modelParts), folder: z.boolean().optional() }),
  /** Opens the model when nothing is missing, in place or as a copy in the library's folder. */
  'additions.finish': z.object({ id, copy: z.boolean() }),
  'additions.cancel': z.object({ id }),
  /** The chosen chat template of a model. */
  'models.template': z.object({ id }),
  /** Renders messages with a template. The model must be loaded. */
  'models.previewTemplate': z.object({ id, choice: templateChoice, messages: sampleMessages }),
  /** Stores the choice, which applies from the next answer. The model must be loaded. */
  'models.setTemplate': z.object({ id, choice: templateChoice }),
  /** Number of tokens of a text in the loaded model. */
  'tokens.count': z.object({ text: messageText }),
  /** The diagnostics report. It contains no chats and no names. */
  'diagnostics.get': z.object({}),
  /** Asks for a file name with the system's dialog and saves the report; undefined if cancelled. */
  'diagnostics.save': z.object({ form: z.enum(['md', 'json']) }),
  'settings.get': z.object({}),
  'settings.set': settings.partial(),
  'server.get': z.object({}),
  /** Replaces the token. Clients with the old one are refused from now on. */
  'server.renewToken': z.object({}),
  /** Folder and size of the chats, and their backups. */
  'data.get': z.object({}),
  'data.backUp': z.object({}),
  /** Replaces all chats and settings with a backup, after a backup of the current ones. The window then reloads. */
  'data.restore': z.object({ id }),
  /** Opens an address in the browser, after the person has seen all of it. Accepts https, http and mailto only. */
  'links.open': z.object({ url: z.string().min(1).max(8192) }),
} as const satisfies Record<string, z.ZodType>;

export type CallName = keyof typeof callInputs;

export type CallInput<N extends CallName> = z.input<(typeof callInputs)[N]>;

export interface CallOutputs {
  'app.info': AppInfo;
  'app.close': undefined;
  'conversations.list': {
    readonly conversations: readonly Conversation[];
    readonly more: boolean;
    /** The temporary chat, which is in no list; on the first page only. */
    readonly temporary?: Conversation;
  };
  'conversations.open': Page & {
    readonly conversation: Conversation;
    readonly settings: GenerationOverrides;
    readonly draft: Draft;
  };
  'conversations.earlier': Page;
  'conversations.create': Conversation;
  'conversations.rename': Conversation;
  'conversations.pin': undefined;
  'conversations.duplicate': Conversation;
  'conversations.delete': undefined;
  'conversations.restore': readonly Conversation[];
  'conversations.configure': undefined;
  'conversations.setContextPolicy': Conversation;
  'conversations.search': readonly SearchHit[];
  'temporary.begin': Conversation;
  'temporary.keep': Conversation;
  'temporary.end': undefined;
  'chats.export': SavedChats | undefined;
  'chats.recognise': { readonly paths: readonly string[] };
  'chats.import': ChatImportReport;
  'chats.chooseImport': ChatImportReport | undefined;
  'chats.cancelImport': undefined;
  'drafts.get': Draft;
  'drafts.set': undefined;
  'documents.read': { readonly text: string };
  'presets.list': readonly Preset[];
  'presets.save': readonly Preset[];
  'presets.rename': { readonly presets: readonly Preset[]; readonly name: string };
  'presets.delete': readonly Preset[];
  'presets.export': { readonly path: string; readonly presets: number } | undefined;
  'presets.import': ImportedPresets | undefined;
  'prompts.list': readonly Prompt[];
  'prompts.save': readonly Prompt[];
  'prompts.move': readonly Prompt[];
  'prompts.delete': readonly Prompt[];
  'prompts.addStarters': readonly Prompt[];
  'prompts.export': { readonly path: string; readonly prompts: number } | undefined;
  'prompts.import': ImportedPrompts | undefined;
  'clipboard.read': { readonly text: string };
  'chat.send': { readonly user: Message; readonly answer: Message; readonly conversation: Conversation };
  'chat.edit': Page;
  'chat.regenerate': Page;
  'chat.continue': Page;
  'chat.delete': Page;
  'chat.restore': Page;
  'chat.show': Page;
  'chat.stop': undefined;
  'chat.running': { readonly conversationId: string; readonly answerId: string } | undefined;
  'runs.get': Run | undefined;
  'runs.saveTable': { readonly path: string } | undefined;
  'runs.savePicture': { readonly path: string } | undefined;
  'models.list': { readonly models: readonly ModelEntry[]; readonly state: ModelState };
  'models.published': PublishedModels;
  'models.open': { readonly modelId: string } | undefined;
  'models.load': undefined;
  'models.unload': undefined;
  'models.remove': undefined;
  'models.details': ModelDetails;
  'models.benchmark': ModelBenchmark | undefined;
  'models.stopBenchmark': undefined;
  'models.reveal': undefined;
  'models.choose': { readonly modelId: string } | undefined;
  /** False if the person cancelled. */
  'models.copy': { readonly copied: boolean };
  'models.locate': { readonly modelId: string } | undefined;
  'additions.get': AdditionState | undefined;
  'additions.choose': undefined;
  'additions.locate': undefined;
  'additions.finish': { readonly modelId: string } | undefined;
  'additions.cancel': undefined;
  'models.template': { readonly choice: TemplateChoice };
  'models.previewTemplate': TemplatePreview;
  'models.setTemplate': TemplateInfo;
  'tokens.count': { readonly tokens: number };
  'diagnostics.get': { readonly markdown: string };
  'diagnostics.save': { readonly path: string } | undefined;
  'settings.get': Settings;
  'settings.set': Settings;
  'server.get': ServerState;
  'server.renewToken': ServerState;
  'data.get': DataFacts;
  'data.backUp': DataFacts;
  'data.restore': undefined;
  'links.open': undefined;
}
