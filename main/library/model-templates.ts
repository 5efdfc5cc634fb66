/** The chat template a person chose for each model: kept, tried before it is kept, and used from the next answer on. */
import { templateChoice } from '../../preload/contract.ts';
import type { CallInput, TemplateChoice, TemplateInfo, TemplatePreview } from '../../preload/contract.ts';
import type { CurrentModel } from './current-model.ts';
import type { ModelTemplateTable } from '../store/model-templates.ts';

const automatic: TemplateChoice = { kind: 'automatic' };

/** What was chosen for a model; automatic where nothing was, or where what is stored cannot be read. */
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

  /** What a template would make of some messages. @throws AppFailure if the model is not loaded, or this is no template */
  async preview({ id, choice, messages }: CallInput<'models.previewTemplate'>): Promise<TemplatePreview> {
    const { host } = await this.#current.readyNow(id);
    return await host.previewTemplate(choice, messages);
  }

  /** @throws AppFailure as `preview`, or if an answer is being written; what was chosen before then stays */
  async set({ id, choice }: CallInput<'models.setTemplate'>): Promise<TemplateInfo> {
    const info = await this.#current.setTemplate(id, choice);
    this.#table.set(id, choice.kind === 'automatic' ? undefined : JSON.stringify(choice));
    return info;
  }
}
