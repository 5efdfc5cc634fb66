/** Every call of the window: input schema and output type by name. */
import { z } from 'zod';
import { modelParts } from './additions.ts';
import type { AdditionState } from './additions.ts';
import type { AppInfo, DataFacts } from './app.ts';
import { attachments } from './chats.ts';
import type { Conversation, Draft, Message, Page, SearchHit } from './chats.ts';
import { exportForms } from './exchange.ts';
import type { ChatImportReport, ImportedPresets, SavedChats } from './exchange.ts';
import { id, ids, messageText, pageSize, path, title } from './fields.ts';
import type { ModelBenchmark, ModelDetails, ModelEntry, ModelState } from './models.ts';
import type { Run } from './runs.ts';
import { generationOverrides, settings } from './settings.ts';
import type { GenerationOverrides, Preset, Settings } from './settings.ts';
import { sampleMessages, templateChoice } from './templates.ts';
import type { TemplateChoice, TemplateInfo, TemplatePreview } from './templates.ts';
import { contextPolicies } from './values.ts';

const maxPictureCharacters = 4_000_000;

export const callInputs = {
  'app.info': z.object({}),
  /** The chats last changed first; all pinned ones come with the first page. */
  'conversations.list': z.object({
    /** The last chat of the page before. */
    after: z.object({ updatedAt: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER), id }).optional(),
    limit: pageSize,
  }),
  'conversations.open': z.object({ id }),
  /** Messages before the ones that are known, as many as a page, or all from `through` on. */
  'conversations.earlier': z.object({ id, before: id, through: id.optional() }),
  'conversations.create': z.object({ id, settings: generationOverrides.optional() }),
  'conversations.rename': z.object({ id, title }),
  'conversations.pin': z.object({ ids, pinned: z.boolean() }),
  /** All branches, under a new name. */
  'conversations.duplicate': z.object({ id, newId: id, title }),
  'conversations.delete': z.object({ ids }),
  'conversations.restore': z.object({ ids }),
  /** Replaces what this chat sets otherwise. */
  'conversations.configure': z.object({ id, settings: generationOverrides }),
  'conversations.setContextPolicy': z.object({ id, policy: z.enum(contextPolicies) }),
  'conversations.search': z.object({ text: z.string().min(1).max(500), limit: pageSize }),
  /**
   * Asks for a name with the system's dialog and writes chats there; undefined if cancelled.
   * @param ids Absent: all of them.
   */
  'chats.export': z.object({ ids: ids.optional(), form: z.enum(exportForms) }),
  /** Which of some dropped files, folders or archives hold chats that can be imported. */
  'chats.recognise': z.object({ paths: z.array(path).min(1).max(1000) }),
  /** Adds the chats in them; `chats.importing` tells how far it is. */
  'chats.import': z.object({ paths: z.array(path).min(1).max(1000) }),
  /** Asks for files, or a folder, with the system's dialog, then behaves as `chats.import`; undefined if cancelled. */
  'chats.chooseImport': z.object({ folder: z.boolean() }),
  /** What has come in stays. */
  'chats.cancelImport': z.object({}),
  /** @param conversationId Absent: the chat that is not stored yet. */
  'drafts.get': z.object({ conversationId: id.optional() }),
  'drafts.set': z.object({ conversationId: id.optional(), text: messageText, attachments }),
  'presets.list': z.object({}),
  'presets.save': z.object({ id, name: title, settings: generationOverrides }),
  /** A name that another preset has gets a number. */
  'presets.rename': z.object({ id, name: title }),
  'presets.delete': z.object({ id }),
  /**
   * Asks for a name with the system's dialog and writes presets there; undefined if cancelled.
   * @param id Absent: all of them.
   */
  'presets.export': z.object({ id: id.optional() }),
  /** Asks for a file of presets with the system's dialog and adds them; undefined if cancelled. */
  'presets.import': z.object({}),
  /** The window makes both ids, so that no delta can precede its message. */
  'chat.send': z.object({ conversationId: id, userMessageId: id, answerId: id, text: messageText, attachments }),
  /** Asks otherwise beside `messageId`, which stays as another branch. */
  'chat.edit': z.object({
    conversationId: id,
    messageId: id,
    userMessageId: id,
    answerId: id,
    text: messageText,
    attachments,
  }),
  /** Answers again beside `messageId`, by another model if one is named. An answer that never began is replaced. */
  'chat.regenerate': z.object({ conversationId: id, messageId: id, answerId: id, modelId: id.optional() }),
  /** Goes on writing the last answer where it ended. */
  'chat.continue': z.object({ conversationId: id, messageId: id }),
  /** With all that follows it, in all its branches. */
  'chat.delete': z.object({ conversationId: id, messageId: id }),
  'chat.restore': z.object({ conversationId: id, messageId: id }),
  /** Shows the branch that this message is in. */
  'chat.show': z.object({ conversationId: id, messageId: id }),
  'chat.stop': z.object({ answerId: id }),
  /** The times of an answer, also while it is being written; undefined where none were kept. */
  'runs.get': z.object({ messageId: id }),
  /** Asks for a name with the system's dialog and writes the times as CSV; undefined if cancelled. */
  'runs.saveTable': z.object({ messageId: id }),
  /** The same with a picture that the window drew: a PNG in base 64. */
  'runs.savePicture': z.object({
    messageId: id,
    png: z
      .string()
      .min(1)
      .max(maxPictureCharacters)
      .regex(/^[A-Za-z0-9+/]+={0,2}$/),
  }),
  'models.list': z.object({}),
  /**
   * Looks at dropped files, folders or a zip, finds what belongs together, adds it to the library and loads it. What is
   * unclear or missing is asked for, and then this is undefined: `additions.changed` tells.
   */
  'models.open': z.object({ paths: z.array(path).min(1).max(1000) }),
  /**
   * @param anyway Though memory seems short, its files changed, or the engine died over it twice; of the last two for this
   * one time.
   */
  'models.load': z.object({ id, anyway: z.boolean().optional() }),
  /** Also ends a load that is under way. */
  'models.unload': z.object({}),
  /** Forgets the model. `files`: deletes them too, if they are the library's own. */
  'models.remove': z.object({ id, files: z.boolean().optional() }),
  'models.details': z.object({ id }),
  /** Measures the loaded model; undefined if it was stopped. */
  'models.benchmark': z.object({}),
  'models.stopBenchmark': z.object({}),
  /** Shows the program in the system's file manager. */
  'models.reveal': z.object({ id }),
  /** Asks for a file or folder with the system's dialog, then behaves as `models.open`; undefined if cancelled. */
  'models.choose': z.object({}),
  /** Copies the model's files into the library's own folder; `additions.changed` tells how far it is. */
  'models.copy': z.object({ id }),
  /** Asks where the files of the model are now, and uses them there if they are the same; undefined if cancelled. */
  'models.locate': z.object({ id }),
  'additions.get': z.object({}),
  /** Answers a question with one of its files. */
  'additions.choose': z.object({ id, part: z.enum(modelParts), path }),
  /** Asks for a missing file with the system's dialog. */
  'additions.locate': z.object({ id, part: z.enum(modelParts) }),
  /** Opens the model, in place or as a copy in the library's folder, once nothing is missing. */
  'additions.finish': z.object({ id, copy: z.boolean() }),
  'additions.cancel': z.object({ id }),
  /** The chat template that was chosen for a model. */
  'models.template': z.object({ id }),
  /** What a template would make of some messages; the model has to be loaded. */
  'models.previewTemplate': z.object({ id, choice: templateChoice, messages: sampleMessages }),
  /** Keeps the choice and uses it from the next answer on; the model has to be loaded. */
  'models.setTemplate': z.object({ id, choice: templateChoice }),
  /** How many tokens the loaded model makes of a text. */
  'tokens.count': z.object({ text: messageText }),
  /** What helps to find out what is wrong: no chats, no names. */
  'diagnostics.get': z.object({}),
  /** Asks where with the system's dialog; undefined if cancelled. */
  'diagnostics.save': z.object({ form: z.enum(['md', 'json']) }),
  'settings.get': z.object({}),
  'settings.set': settings.partial(),
  /** Where chats are kept, how much there is, and the copies of it. */
  'data.get': z.object({}),
  'data.backUp': z.object({}),
  /** Puts a backup in the place of all chats and settings; what was there becomes a backup. The window loads again after it. */
  'data.restore': z.object({ id }),
  /** Opens a web page in the browser after the person has seen its address. https, http and mailto only. */
  'links.open': z.object({ url: z.string().min(1).max(8192) }),
} as const satisfies Record<string, z.ZodType>;

export type CallName = keyof typeof callInputs;

export type CallInput<N extends CallName> = z.input<(typeof callInputs)[N]>;

export interface CallOutputs {
  'app.info': AppInfo;
  'conversations.list': { readonly conversations: readonly Conversation[]; readonly more: boolean };
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
  'chats.export': SavedChats | undefined;
  'chats.recognise': { readonly paths: readonly string[] };
  'chats.import': ChatImportReport;
  'chats.chooseImport': ChatImportReport | undefined;
  'chats.cancelImport': undefined;
  'drafts.get': Draft;
  'drafts.set': undefined;
  'presets.list': readonly Preset[];
  'presets.save': readonly Preset[];
  'presets.rename': { readonly presets: readonly Preset[]; readonly name: string };
  'presets.delete': readonly Preset[];
  'presets.export': { readonly path: string; readonly presets: number } | undefined;
  'presets.import': ImportedPresets | undefined;
  'chat.send': { readonly user: Message; readonly answer: Message; readonly conversation: Conversation };
  'chat.edit': Page;
  'chat.regenerate': Page;
  'chat.continue': Page;
  'chat.delete': Page;
  'chat.restore': Page;
  'chat.show': Page;
  'chat.stop': undefined;
  'runs.get': Run | undefined;
  'runs.saveTable': { readonly path: string } | undefined;
  'runs.savePicture': { readonly path: string } | undefined;
  'models.list': { readonly models: readonly ModelEntry[]; readonly state: ModelState };
  'models.open': { readonly modelId: string } | undefined;
  'models.load': undefined;
  'models.unload': undefined;
  'models.remove': undefined;
  'models.details': ModelDetails;
  'models.benchmark': ModelBenchmark | undefined;
  'models.stopBenchmark': undefined;
  'models.reveal': undefined;
  'models.choose': { readonly modelId: string } | undefined;
  /** Not if the person cancelled. */
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
  'data.get': DataFacts;
  'data.backUp': DataFacts;
  'data.restore': undefined;
  'links.open': undefined;
}
