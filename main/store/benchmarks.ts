import type { Connection } from './connection.ts';

/** The last benchmark of each model on each machine. The reader checks the figures. */
export interface BenchmarkTable {
  get(modelId: string, machine: string): { readonly measuredAt: number; readonly figures: unknown } | undefined;
  put(modelId: string, machine: string, measuredAt: number, figures: object): void;
}

export function benchmarkTable(database: Connection): BenchmarkTable {
  const get = database.prepare('SELECT measured_at, figures FROM benchmarks WHERE model_id = ? AND machine = ?');
  const put = database.prepare(`
    INSERT INTO benchmarks (model_id, machine, measured_at, figures) VALUES (?, ?, ?, ?)
    ON CONFLICT (model_id, machine) DO UPDATE SET measured_at = excluded.measured_at, figures = excluded.figures
  `);
  return {
    get(modelId, machine) {
      const row = get.get(modelId, machine);
      if (typeof row?.['figures'] !== 'string') return undefined;
      try {
        return { measuredAt: Number(row['measured_at']), figures: JSON.parse(row['figures']) as unknown };
      } catch {
        return undefined;
      }
    },
    put: (modelId, machine, measuredAt, figures) => void put.run(modelId, machine, measuredAt, JSON.stringify(figures)),
  };
}
