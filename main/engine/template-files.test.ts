import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findChatTemplate, type TemplatePlaces } from './template-files.ts';
import { tokenizerConfigSchema } from './tokenizer-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'wyvern-template-'));
const write = (name: string, text: string): string => {
  mkdirSync(join(folder, 'additional_chat_templates'), { recursive: true });
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const chatTemplate = write('chat_template.jinja', 'of the file');
const processorTemplate = write('chat_template.json', JSON.stringify({ chat_template: 'of the processor' }));
const additionalDefault = write('additional_chat_templates/default.jinja', 'additional, by default');
const additionalTools = write('additional_chat_templates/tool_use.jinja', 'additional, for tools');
const tokenizerConfig = { chat_template: 'of the configuration' };
const manifest = { name: 'M', chatTemplate: 'of the manifest' };

const templateOf = async (places: TemplatePlaces): Promise<unknown> => {
  const found = await findChatTemplate(places);
  return found && [found.source, found.template.text];
};

test.each<[Partial<TemplatePlaces>, unknown]>([
  [{ paths: { chatTemplate, processorTemplate, additionalTemplates: [additionalDefault] } }, ['file', 'of the file']],
  [{ paths: { processorTemplate, additionalTemplates: [additionalDefault] } }, ['file', 'additional, by default']],
  [{ paths: { processorTemplate, additionalTemplates: [additionalTools] } }, ['file', 'of the processor']],
  [{ paths: { additionalTemplates: [additionalTools] } }, ['tokenizer-config', 'of the configuration']],
  [{ paths: { additionalTemplates: [additionalTools] }, tokenizerConfig: {} }, ['file', 'additional, for tools']],
  [{ tokenizerConfig: {} }, ['manifest', 'of the manifest']],
  [{ tokenizerConfig: undefined, manifest: undefined }, undefined],
])('the first place that has a template counts (%#)', async (places, wanted) => {
  expect(await templateOf({ paths: {}, tokenizerConfig, manifest, ...places })).toEqual(wanted);
});

const tools = { name: 'tool_use', template: 'tools' };
test.each([
  [[tools, { name: 'default', template: 'plain' }], 'plain'],
  [[tools], 'tools'],
  [{ tool_use: 'tools', default: 'plain' }, 'plain'],
])('of several named templates the default one, else the first (%#)', async (chat_template, wanted) => {
  const config = tokenizerConfigSchema.parse({ chat_template });
  const ofProcessor = write('chat_template.json', JSON.stringify({ chat_template }));
  expect(await templateOf({ paths: {}, tokenizerConfig: config, manifest: undefined })).toEqual([
    'tokenizer-config',
    wanted,
  ]);
  expect(
    await templateOf({ paths: { processorTemplate: ofProcessor }, tokenizerConfig: undefined, manifest: undefined }),
  ).toEqual(['file', wanted]);
});

test('removes a byte order mark and the line ends of Windows from a template', async () => {
  const path = write('windows.jinja', '\ufeffa\r\n{% if true %}\r\nb\r{% endif %}');
  const found = await findChatTemplate({
    paths: { chatTemplate: path },
    tokenizerConfig: undefined,
    manifest: undefined,
  });
  expect(found?.template.render([], {})).toBe('a\nb\n');
});
