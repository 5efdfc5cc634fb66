import type { Connection } from './connection.ts';
import { z } from 'zod';

const schema = z.object({
  contextLength: z.number().int().positive(),
  vocabSize: z.number().int().positive().optional(),
  rewinds: z.boolean().optional(),
  stateBytes: z.number().int().nonnegative().optional(),
  tokenizer: z.object({ kind: z.string().max(40), vocabSize: z.number().int().positive() }).optional(),
});
/** Facts that are known once a model was loaded. */
type ModelFacts = z.output<typeof schema>;

export interface ModelFactsTable {
  /** Undefined if nothing is known about this version of the program. */
  get(modelId: string, stamp: string): ModelFacts | undefined;
  put(modelId: string, stamp: string, facts: ModelFacts): void;
}

export function modelFactsTable(database: Connection): ModelFactsTable {
  const get = database.prepare('SELECT facts FROM model_facts WHERE model_id = ? AND stamp = ?');
  const put = database.prepare(
    'INSERT INTO model_facts (model_id, stamp, facts) VALUES (?, ?, ?) ON CONFLICT (model_id) DO UPDATE SET stamp = excluded.stamp, facts = excluded.facts',
  );
  return {
    get(modelId, stamp) {
      const text = get.get(modelId, stamp)?.['facts'];
      if (typeof text !== 'string') return undefined;
      try {
        return schema.parse(JSON.parse(text));
      } catch {
        return undefined;
      }
    },
    put: (modelId, stamp, facts) => void put.run(modelId, stamp, JSON.stringify(facts)),
  };
}
