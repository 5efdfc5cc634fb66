/**
 * The meaning of QNN's error numbers and messages. The numbers are in Qualcomm's public headers (`QnnCommon.h`,
 * `QnnContext.h`, `QnnGraph.h`); the behaviour on Snapdragon X is from public reports about other apps.
 */
import type { EngineErrorCode } from './protocol.ts';

type NpuErrorCode = Extract<EngineErrorCode, `npu-${string}`>;

interface QnnFailure {
  readonly code: NpuErrorCode;
  /** What happened and why, in one or two sentences. */
  readonly message: string;
  readonly hint: string;
}

const onCpu = 'or use a model for the CPU';

const failures = {
  deviceFile: {
    code: 'npu-device-file',
    message: 'The model was compiled for a Snapdragon device: it shares its weights, which the HTP emulator cannot.',
    hint: 'Open it on the device. You can export a program of your own with --target emulator to try it here.',
  },
  notSupported: {
    code: 'npu-incompatible',
    message: 'The NPU does not support what the program asks of it.',
    hint: `Export the model again for this chip with the current ExecuTorch, ${onCpu}.`,
  },
  memory: {
    code: 'npu-memory',
    message: 'The NPU has no memory left for this model, or its driver gave it none.',
    hint: `Close other programs that use the NPU, export the model with more shards or a shorter context, ${onCpu}.`,
  },
  crashed: {
    code: 'npu-crashed',
    message: 'The NPU stopped working in the middle and can be started again.',
    hint: `Send the message again: the model is loaded anew. If it happens again, update the NPU’s driver, ${onCpu}.`,
  },
  lost: {
    code: 'npu-lost',
    message: 'The NPU stopped working and cannot be started again until the computer is.',
    hint: `Restart the computer, ${onCpu} until then.`,
  },
  incompatible: {
    code: 'npu-incompatible',
    message: 'The compiled model does not fit the installed QNN libraries or driver: they are of different releases.',
    hint: `Update the NPU’s driver, export the model again with the release that Wyvern uses, ${onCpu}.`,
  },
  version: {
    code: 'npu-library-mismatch',
    message: 'Qualcomm’s libraries are not all of one release: the part on the NPU is another one than the part here.',
    hint: 'Put all of them from one release into one folder, or clear the folder in Settings to use Wyvern’s own.',
  },
  skel: {
    code: 'npu-skel-missing',
    message: 'The NPU’s own part of Qualcomm’s libraries (the skel and its catalogue) was not found or not accepted.',
    hint: 'Reinstall Wyvern, or put libQnnHtpV73Skel.so and libqnnhtpv73.cat, unchanged, beside QnnHtp.dll.',
  },
  otherChip: {
    code: 'npu-other-chip',
    message: 'The NPU cannot open the compiled model: it was made for another chip, or is damaged.',
    hint: `Run \`wyvern inspect\` on it to see for which chip it was compiled, ${onCpu}.`,
  },
  general: {
    code: 'npu-failed',
    message: 'The NPU reports a failure without saying which.',
    hint: `Try again; if it happens again, restart the computer, update the NPU’s driver, ${onCpu}.`,
  },
  arguments: {
    code: 'npu-failed',
    message:
      'The NPU refuses the inputs or outputs that it was given: the program does not follow the convention it names.',
    hint: 'Export the model again with the ExecuTorch release that Wyvern uses.',
  },
} as const satisfies Readonly<Record<string, QnnFailure>>;

/** Messages that say more than their number. The first match counts. */
const sentences: readonly (readonly [RegExp, QnnFailure])[] = [
  [/Shared weights buffer isn['’]t supported/i, failures.deviceFile],
  [/0x80000406|skel.*(?:not found|fail)|Failed to load skel/i, failures.skel],
  [/Stub lib id mismatch|Unable to load Remote symbols|lib(?:rary)? version mismatch/i, failures.version],
  [/Failed to find available PD|exceed.*(?:memory|VTCM)/i, failures.memory],
  [/arch(?:itecture)?.*(?:mismatch|not match|unsupported)|soc model.*(?:mismatch|not match)/i, failures.otherChip],
];

const numbers: ReadonlyMap<number, QnnFailure> = new Map<number, QnnFailure>([
  [1000, failures.notSupported],
  [1002, failures.memory],
  [1007, failures.crashed],
  [1008, failures.incompatible],
  [1011, failures.lost],
  [1100, failures.general],
  [5000, failures.incompatible],
  [5005, failures.otherChip],
  [6004, failures.arguments],
]);

/**
 * The NPU failure in `complaint`, the message of a native error; undefined if it is not about the NPU. An unknown number is a
 * failure of the NPU too, and is quoted.
 */
export function qnnFailure(complaint: string): QnnFailure | undefined {
  if (!/Qnn ?ExecuTorch|Qnn[A-Z]|<E>/.test(complaint)) return undefined;
  const told = sentences.find(([pattern]) => pattern.test(complaint))?.[1];
  const found = [...complaint.matchAll(/(?:error|err|status|code)\D{0,12}(\d{4,5})\b/gi)].map(([, digits]) =>
    Number(digits),
  );
  const number = found.find((one) => numbers.has(one)) ?? found[0];
  const failure = told ?? (number === undefined ? undefined : numbers.get(number)) ?? failures.general;
  return number === undefined ? failure : { ...failure, message: `${failure.message} (QNN error ${number})` };
}
