/** The chosen chat template of each model: tried, stored, and used from the next answer on. */
import { templateChoice } from '../../preload/contract.ts';
import type { CallInput, TemplateChoice, TemplateInfo, TemplatePreview } from '../../preload/contract.ts';
import type { CurrentModel } from './current-model.ts';
import type { ModelTemplateTable } from '../store/model-templates.ts';

const automatic: TemplateChoice = { kind: 'automatic' };

/** The choice for a model; automatic if there is none or it is unreadable. */
export function templateChoiceOf(table: ModelTemplateTable, modelId: string): TemplateChoice {
  const stored = table.get(modelId);
  if (stored === undefined) return automatic;
  try {
    return templateChoice.parse(JSON.parse(stored));
  } catch {
    return automatic;
  }
}

export class ModelTemplates {
  readonly #table: ModelTemplateTable;
  readonly #current: CurrentModel;

  constructor(table: ModelTemplateTable, current: CurrentModel) {
    this.#table = table;
    this.#current = current;
  }

  get(modelId: string): TemplateChoice {
    return templateChoiceOf(this.#table, modelId);
  }

  /** The prompt that a template makes of messages. @throws AppFailure if the model is not loaded or the template is invalid */
  async preview({ id, choice, messages }: CallInput<'models.previewTemplate'>): Promise<TemplatePreview> {
    const { host } = await this.#current.readyNow(id);
    return await host.previewTemplate(choice, messages);
  }

  /** @throws AppFailure as `preview`, or if an answer is running; the earlier choice then stays */
  async set({ id, choice }: CallInput<'models.setTemplate'>): Promise<TemplateInfo> {
    const info = await this.#current.setTemplate(id, choice);
    this.#table.set(id, choice.kind === 'automatic' ? undefined : JSON.stringify(choice));
    return info;
  }
}
