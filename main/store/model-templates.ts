import type { Connection } from './connection.ts';

/** The chat template that a person chose for a model, as JSON. The reader checks it. */
export interface ModelTemplateTable {
  get(modelId: string): string | undefined;
  /** undefined restores the automatic template. */
  set(modelId: string, choice: string | undefined): void;
}

export function modelTemplateTable(database: Connection): ModelTemplateTable {
  const get = database.prepare('SELECT choice FROM model_templates WHERE model_id = ?');
  const put = database.prepare(
    'INSERT INTO model_templates (model_id, choice) VALUES (?, ?) ON CONFLICT (model_id) DO UPDATE SET choice = excluded.choice',
  );
  const remove = database.prepare('DELETE FROM model_templates WHERE model_id = ?');
  return {
    get(modelId) {
      const choice = get.get(modelId)?.['choice'];
      return typeof choice === 'string' ? choice : undefined;
    },
    set(modelId, choice) {
      if (choice === undefined) remove.run(modelId);
      else put.run(modelId, choice);
    },
  };
}
