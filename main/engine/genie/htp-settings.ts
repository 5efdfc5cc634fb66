/** The performance mode in `htp_backend_ext_config.json`. Format: QNN's HTP backend extensions. */
import { z } from 'zod';
import { readJson } from '../bounded-json.ts';
import type { NpuOptions } from '../protocol.ts';

const limits = { maxBytes: 2 ** 20, maxDepth: 32 };
const cores = z.array(z.looseObject({ perf_profile: z.string().max(64).optional() })).max(64);
const schema = z.looseObject({
  devices: z
    .array(z.looseObject({ cores: cores.optional() }))
    .max(64)
    .optional(),
});

const modes: Readonly<Record<string, NonNullable<NpuOptions['performance']>>> = {
  burst: 'burst',
  sustained_high_performance: 'sustained-high',
  high_performance: 'high',
  balanced: 'balanced',
  low_balanced: 'low-balanced',
  high_power_saver: 'high-power-saver',
  power_saver: 'power-saver',
  low_power_saver: 'low-power-saver',
  extreme_power_saver: 'low-power-saver',
};

/** The mode of the first core; undefined if the file lacks it, cannot be read or leaves the mode to the system. */
export async function performanceOf(path: string | undefined): Promise<NpuOptions['performance']> {
  const found = path === undefined ? undefined : await readJson(path, schema, limits).catch(() => undefined);
  const profile = found?.devices?.[0]?.cores?.[0]?.perf_profile;
  return profile !== undefined && Object.hasOwn(modes, profile) ? modes[profile] : undefined;
}
