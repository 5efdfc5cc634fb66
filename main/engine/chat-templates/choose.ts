/** Chooses a model's template: the person's choice, else the bundle's own, else the family that its tokens indicate. */
import { ChatTemplate, type TemplateTokens } from '../chat-template.ts';
import type { TemplateChoice, TemplateInfo } from '../protocol.ts';
import type { BundleTemplate } from '../template-files.ts';
import { thoughtForm, type ThoughtForm } from '../thoughts/form.ts';
import { familyOf, recognise, type Family } from './families.ts';

export interface ChosenTemplate {
  readonly info: TemplateInfo;
  /** Absent for plain completion. */
  readonly template?: ChatTemplate;
  /** Texts that end an answer if the tokenizer does not have them as control tokens. */
  readonly endTexts: readonly string[];
  /** How the model marks its thoughts. */
  readonly thoughts: ThoughtForm;
}

type Choice = Omit<ChosenTemplate, 'thoughts'>;

export interface TemplateSources {
  readonly own: BundleTemplate | undefined;
  /** The bundle says that it is a base model. */
  readonly completion: boolean;
  readonly controlTokens: ReadonlySet<string>;
  readonly tokens: TemplateTokens;
}

/** @throws EngineFailure `template-invalid` if the person's text is not a template */
export function chooseTemplate(choice: TemplateChoice, sources: TemplateSources): ChosenTemplate {
  const { tokens, controlTokens } = sources;
  const chosen = byChoice(choice, sources);
  const { template } = chosen;
  const thinking = template?.thinkingSwitch(tokens);
  const tools = template?.toolForm(tokens);
  return {
    ...chosen,
    info: {
      ...chosen.info,
      ...(template?.systemPlace(tokens) === 'first-message' ? { systemPrompt: 'first-message' } : {}),
      ...(thinking === undefined ? {} : { thinking: thinking.usual }),
      ...(tools === undefined ? {} : { tools }),
    },
    thoughts: thoughtForm(template, tokens, controlTokens),
  };
}

function byChoice(choice: TemplateChoice, sources: TemplateSources): Choice {
  switch (choice.kind) {
    case 'completion':
      return { info: { source: 'completion' }, endTexts: [] };
    case 'own':
      return { info: { source: 'own' }, template: new ChatTemplate(choice.text), endTexts: [] };
    case 'family':
      return ofFamily(familyOf(choice.family), 'chosen', sources);
    case 'automatic':
      return automatic(sources);
  }
}

function automatic(sources: TemplateSources): Choice {
  const { own, completion, controlTokens } = sources;
  if (own !== undefined) return { info: { source: own.source }, template: own.template, endTexts: [] };
  if (completion) return { info: { source: 'none' }, endTexts: [] };
  const [family, ...others] = recognise(controlTokens);
  if (family === undefined) return { info: { source: 'none' }, endTexts: [] };
  if (others.length === 0) return ofFamily(family, 'recognised', sources);
  return { info: { source: 'none', candidates: [family, ...others].map(({ id }) => id) }, endTexts: [] };
}

function ofFamily(
  { id, template, ends }: Family,
  source: 'chosen' | 'recognised',
  { controlTokens }: TemplateSources,
): Choice {
  return {
    info: { source, family: id },
    template: new ChatTemplate(template, { bos_token: '', eos_token: '' }),
    endTexts: ends.filter((end) => !controlTokens.has(end)),
  };
}
