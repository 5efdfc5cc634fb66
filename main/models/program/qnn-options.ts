/**
 * Reads the options with which the QNN backend compiled: the compile spec `qnn_compile_spec` of its delegates, a FlatBuffer of
 * upstream's `backends/qualcomm/serialization/qc_compiler_spec.fbs` (root `QnnExecuTorchOptions`).
 */
import { FlatBuffer, FlatBufferError } from './flat-buffer.ts';
import { qnnOptionsSchema } from './schema/qnn-fbs.ts';
import { requireComplete } from './schema/schema.ts';

/** Name of the backend. */
export const qnnBackend = 'QnnBackend';
/** Name of the compile spec. */
export const qnnSpecKey = 'qnn_compile_spec';

export type QnnBackendKind = 'gpu' | 'htp' | 'dsp' | 'lpai' | 'unknown';

export interface QnnOptions {
  /** Number of upstream's `QcomChipset`; 0 if absent. */
  readonly soc: number;
  /** HTP architecture, e.g. 73; 0 if absent. */
  readonly htpArch: number;
  readonly vtcmMegabytes: number;
  readonly backend: QnnBackendKind;
  /**
   * Whether several graphs in one context share weights. Upstream sets it for devices and never for the emulator, which lacks
   * the feature.
   */
  readonly weightSharing: boolean;
  /** Whether app and accelerator share memory. Upstream sets it for devices only, too. */
  readonly sharedBuffer: boolean;
  /** The graph is compiled on the target machine, which then needs the compiler's library. */
  readonly onlinePrepare: boolean;
  /** The program contains a context binary of Qualcomm's own tools. */
  readonly fromContextBinary: boolean;
  /** Release of QNN that compiled it, e.g. `2.49.40`; absent if unknown. */
  readonly release?: string;
}

const backends: readonly QnnBackendKind[] = ['unknown', 'gpu', 'htp', 'dsp', 'lpai'];

/** Field numbers in the schema. */
const options = { socInfo: 0, backendOptions: 1, onlinePrepare: 4, sharedBuffer: 7, fromContextBinary: 8 } as const;
const socInfo = { model: 0, htpInfo: 1 } as const;
const htpInfo = { arch: 0, vtcm: 1 } as const;
const backendOptions = { type: 0, htp: 1, gpu: 2 } as const;
const htpOptions = { weightSharing: 8 } as const;
const gpuOptions = { weightSharing: 5 } as const;

/** @throws FlatBufferError */
export function readQnnOptions(spec: Uint8Array): QnnOptions {
  const root = new FlatBuffer(spec).root();
  requireComplete(root, qnnOptionsSchema);
  const soc = root.table(options.socInfo);
  const htp = soc?.table(socInfo.htpInfo);
  const backend = root.table(options.backendOptions);
  const kind = backends[backend?.i32(backendOptions.type) ?? 0] ?? 'unknown';
  if (kind === 'htp' && backend?.has(backendOptions.htp) !== true) {
    throw new FlatBufferError('one of its “QnnExecuTorchBackendOptions” has no “htp_options”.');
  }
  return {
    soc: soc?.i32(socInfo.model) ?? 0,
    htpArch: htp?.i32(htpInfo.arch) ?? 0,
    vtcmMegabytes: htp?.u32(htpInfo.vtcm) ?? 0,
    backend: kind,
    weightSharing:
      (backend?.table(backendOptions.htp)?.bool(htpOptions.weightSharing) ?? false) ||
      (backend?.table(backendOptions.gpu)?.bool(gpuOptions.weightSharing) ?? false),
    sharedBuffer: root.bool(options.sharedBuffer),
    onlinePrepare: root.bool(options.onlinePrepare),
    fromContextBinary: root.bool(options.fromContextBinary),
  };
}
