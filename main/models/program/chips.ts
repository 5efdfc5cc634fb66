/**
 * Qualcomm's chips for which programs are compiled. Numbers, architectures and VTCM come from upstream's
 * `backends/qualcomm/serialization/qc_schema.py` (ExecuTorch 1.5.0), marketing names from Qualcomm.
 */
export interface Chip {
  /** Upstream's name, for `--soc_model`, e.g. `SC8380XP`. */
  readonly soc: string;
  /** Upstream's number, which programs contain. */
  readonly number: number;
  /** HTP architecture, e.g. 73 for V73. */
  readonly htpArch: number;
  /** The marketing name. Absent if it has none. */
  readonly name?: string;
}

const chips: readonly Chip[] = [
  { soc: 'SC8380XP', number: 60, htpArch: 73, name: 'Snapdragon X Elite or X Plus' },
  { soc: 'SM8750', number: 69, htpArch: 79, name: 'Snapdragon 8 Elite' },
  { soc: 'SM8850', number: 87, htpArch: 81, name: 'Snapdragon 8 Elite Gen 5' },
  { soc: 'SM8845', number: 97, htpArch: 81, name: 'Snapdragon 8 Gen 5' },
  { soc: 'SM8650', number: 57, htpArch: 75, name: 'Snapdragon 8 Gen 3' },
  { soc: 'SM8550', number: 43, htpArch: 73, name: 'Snapdragon 8 Gen 2' },
  { soc: 'SM8475', number: 42, htpArch: 69, name: 'Snapdragon 8+ Gen 1' },
  { soc: 'SM8450', number: 36, htpArch: 69, name: 'Snapdragon 8 Gen 1' },
  { soc: 'SM8350', number: 30, htpArch: 68, name: 'Snapdragon 888' },
  { soc: 'SA8295', number: 39, htpArch: 68 },
  { soc: 'SA8255', number: 52, htpArch: 73 },
  { soc: 'SA8797', number: 72, htpArch: 81 },
  { soc: 'SSG2115P', number: 46, htpArch: 73 },
  { soc: 'SSG2125P', number: 58, htpArch: 73 },
  { soc: 'SXR1230P', number: 45, htpArch: 73 },
  { soc: 'SXR2230P', number: 53, htpArch: 69 },
  { soc: 'SXR2330P', number: 75, htpArch: 79 },
  { soc: 'QCS9100', number: 77, htpArch: 73 },
  { soc: 'QCM6490', number: 93, htpArch: 68 },
  { soc: 'SAR2230P', number: 95, htpArch: 81 },
  { soc: 'SW6100', number: 96, htpArch: 81 },
];

export function chipByNumber(number: number): Chip | undefined {
  return chips.find((chip) => chip.number === number);
}

export function chipBySoc(soc: string): Chip | undefined {
  return chips.find((chip) => chip.soc === soc);
}

/** E.g. `Snapdragon 8 Elite (V79)`, `SA8295 (V68)`. */
export function chipLabel({ name, soc, htpArch }: Pick<Chip, 'name' | 'soc' | 'htpArch'>): string {
  return `${name ?? soc} (V${htpArch})`;
}

/** The chip of a Windows laptop, from the name of its processor. */
export interface LaptopChip {
  /** E.g. `Snapdragon X Elite`. */
  readonly name: string;
  /** E.g. `X1E80100`. */
  readonly model: string;
  /** The chip to compile for. Absent if this ExecuTorch does not know the chip. */
  readonly soc?: string;
  readonly htpArch: number;
  /** False if Qualcomm's libraries suggest the pairing with `soc` but no device has confirmed it. */
  readonly proven: boolean;
}

const partNumber = /\bX([12])([EP]?)-?(\d{2})-?(\d{3})\b/;

/**
 * Reads names like `Snapdragon(R) X Elite - X1E80100 - Qualcomm(R) Oryon(TM) CPU`. Windows has the name in
 * `HKLM\HARDWARE\DESCRIPTION\System\CentralProcessor\0\ProcessorNameString` and `os.cpus()` returns it. Undefined for any other
 * processor.
 */
export function laptopChip(processorName: string): LaptopChip | undefined {
  const [, generation, tier = '', family = '', rest = ''] = partNumber.exec(processorName) ?? [];
  if (generation === undefined) return undefined;
  const model = `X${generation}${tier}${family}${rest}`;
  const series = generation === '1' ? 'Snapdragon X' : 'Snapdragon X2';
  const name = tier === 'E' ? `${series} Elite` : tier === 'P' ? `${series} Plus` : series;
  if (generation === '2') return { name, model, htpArch: 81, proven: false };
  // The smaller die of X Plus 8-core and X has the same NPU generation but its own number.
  const large = tier === 'E' || (tier === 'P' && Number(family) >= 60);
  return { name, model, soc: 'SC8380XP', htpArch: 73, proven: large };
}
