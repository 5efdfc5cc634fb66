/** The NPU driver in Windows' registry. */
import { queryRegistry, type QueryRegistry } from './registry.ts';

export interface NpuDriver {
  /** E.g. `Snapdragon(R) X Elite - X1E80100 - Qualcomm(R) Hexagon(TM) NPU`. */
  readonly device: string;
  /** E.g. `30.0.140.1000`; absent where it is not written. */
  readonly version?: string;
  /** As Windows writes it: month-day-year. */
  readonly date?: string;
}

/** Devices of the class ComputeAccelerator, of all makers. */
const acceleratorClass = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Class\\{f01a9d53-3ff6-48d2-9f97-c8a7004be10c}';

/**
 * Qualcomm's compute accelerator; undefined if none is registered. Reading the registry takes a moment, so this is not for
 * the start of the app. The key may outlive the device: it does not prove that the NPU works.
 */
export async function npuDriver(query: QueryRegistry = queryRegistry): Promise<NpuDriver | undefined> {
  for (const values of (await query(acceleratorClass)).values()) {
    const device = values.get('DriverDesc');
    const maker = values.get('ProviderName') ?? '';
    if (device === undefined || !/qualcomm|hexagon/i.test(`${device} ${maker}`)) continue;
    const version = values.get('DriverVersion');
    const date = values.get('DriverDate');
    return { device, ...(version === undefined ? {} : { version }), ...(date === undefined ? {} : { date }) };
  }
  return undefined;
}
