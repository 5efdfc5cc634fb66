import { expect, it } from 'vitest';
import { fuzzFigures } from './fuzz-figures.mjs';

it('takes the last status and the final count', () => {
  const output = `#2\tINITED cov: 12 ft: 13 corp: 1/1b exec/s: 0 rss: 30Mb
#110255\tDONE   cov: 210 ft: 812 corp: 97/3kb lim: 4096 exec/s: 6890 rss: 95Mb
stat::number_of_executed_units: 110255
`;
  expect(fuzzFigures(output)).toEqual({ runs: 110255, coverage: 210, features: 812, corpus: 97, artifact: undefined });
});

it('names the failing input', () => {
  const output = `#31\tNEW    cov: 20 ft: 21 corp: 4/9b lim: 4 exec/s: 0 rss: 30Mb
==5== ERROR: libFuzzer: deadly signal
artifact_prefix='/x/build/fuzz/sampler/'; Test unit written to /x/build/fuzz/sampler/crash-3f78
`;
  expect(fuzzFigures(output)).toMatchObject({ runs: 31, artifact: '/x/build/fuzz/sampler/crash-3f78' });
});

it('returns nothing for no output', () => {
  expect(fuzzFigures('')).toEqual({ runs: 0, coverage: 0, features: 0, corpus: 0, artifact: undefined });
});
