/**
 * Reads the figures in libFuzzer's output.
 * @param {string} output
 * @returns {{ runs: number, coverage: number, features: number, corpus: number, artifact: string | undefined }}
 *   `artifact`: the file of the failing input.
 */
export function fuzzFigures(output) {
  const status = [...output.matchAll(/^#(\d+)\s+\w+\s+cov: (\d+) ft: (\d+) corp: (\d+)/gm)].at(-1);
  const number = (/** @type {string | undefined} */ text) => Number(text ?? 0);
  return {
    runs: number(/^stat::number_of_executed_units:\s*(\d+)/m.exec(output)?.[1] ?? status?.[1]),
    coverage: number(status?.[2]),
    features: number(status?.[3]),
    corpus: number(status?.[4]),
    artifact: /^artifact_prefix=.*Test unit written to (.+)$/m.exec(output)?.[1],
  };
}
