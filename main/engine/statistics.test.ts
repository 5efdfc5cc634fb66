import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GenerationTimer, nowUs, percentiles, tokenEvent } from './statistics.ts';

const step = { token: 7, position: 3, wallUs: 900, samplingUs: 100 };

describe('percentiles', () => {
  test('are absent without values and the value itself with one', () => {
    expect(percentiles([])).toBeUndefined();
    expect(percentiles([5])).toEqual({ p50: 5, p95: 5, p99: 5 });
  });

  test('are nearest ranks', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(percentiles(hundred)).toEqual({ p50: 50, p95: 95, p99: 99 });
  });

  test('are values that occurred, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1 }), (values) => {
        const { p50, p95, p99 } = percentiles(values) ?? { p50: NaN, p95: NaN, p99: NaN };
        expect(values).toContain(p50);
        expect(p50 <= p95 && p95 <= p99 && p99 <= Math.max(...values)).toBe(true);
        expect(values.filter((value) => value <= p50).length * 2).toBeGreaterThanOrEqual(values.length);
      }),
    );
  });
});

describe('a token', () => {
  test('has only figures that the backend reported', () => {
    expect(tokenEvent({ id: 7, timings: step }, { text: 'x' })).toEqual({
      id: 7,
      text: 'x',
      stepUs: 1000,
      samplingUs: 100,
    });
  });

  test('splits its step into accelerator, backend, sampling and host', () => {
    const event = tokenEvent(
      { id: 7, timings: { ...step, backendUs: 700, acceleratorUs: 600, hvxThreads: 4 } },
      { text: '' },
    );
    expect(event).toEqual({
      id: 7,
      text: '',
      stepUs: 1000,
      samplingUs: 100,
      backendUs: 700,
      acceleratorUs: 600,
      hostUs: 200,
      hvxThreads: 4,
    });
  });
});

describe('an answer', () => {
  test('stopped during prefill has no decode rates', () => {
    const timer = new GenerationTimer(nowUs());
    timer.read({
      promptTokens: 10,
      reusedTokens: 0,
      encodeUs: 1,
      prefillUs: 25,
      chunks: [{ tokens: 4, wallUs: 20 }],
      stopped: true,
    });
    const figures = timer.finish(4, 100);
    expect(figures).toMatchObject({
      promptTokens: 10,
      generatedTokens: 0,
      prefillUs: 25,
      contextUsed: 4,
      contextLength: 100,
    });
    expect(figures.prefillRate).toBe(160_000);
    for (const name of ['timeToFirstTokenUs', 'decodeRate', 'stepUs', 'acceleratorUs', 'hvxThreads'])
      expect(figures).not.toHaveProperty(name);
  });

  test('counts only steps after the first token, which needs no step', () => {
    const timer = new GenerationTimer(nowUs());
    timer.read({
      promptTokens: 3,
      reusedTokens: 1,
      encodeUs: 1,
      prefillUs: 20,
      chunks: [{ tokens: 2, wallUs: 20, hvxThreads: 4 }],
      stopped: false,
    });
    timer.generated({ ...step, wallUs: 0 });
    expect(timer.finish(3, 10)).not.toHaveProperty('decodeRate');
    expect(timer.finish(3, 10)).not.toHaveProperty('stepUs');
    timer.generated({ ...step, acceleratorUs: 300 });
    timer.generated({ ...step, acceleratorUs: 500 });
    const figures = timer.finish(5, 10);
    expect(figures).toMatchObject({
      reusedTokens: 1,
      generatedTokens: 3,
      stepUs: { p50: 1000, p95: 1000, p99: 1000 },
      acceleratorUs: { p50: 300, p95: 500, p99: 500 },
      hvxThreads: 4,
      prefillRate: 100_000,
    });
    expect(figures.decodeRate).toBeGreaterThan(0);
    expect(figures.encodeUs).toBe(1);
    // QEMU, which runs these tests for arm64, reports no resident memory.
    expect(figures.residentBytes > 0).toBe(process.memoryUsage().rss > 0);
  });

  test('counts tokens that prompt lookup drafted, and keeps them out of the times of steps', () => {
    const timer = new GenerationTimer(nowUs());
    for (let count = 0; count < 2; count++) timer.generated(step);
    for (let count = 0; count < 3; count++) timer.generated({ wallUs: 0, samplingUs: 5, accepted: true });
    const figures = timer.finish(5, 10);
    expect(figures).toMatchObject({ generatedTokens: 5, acceptedTokens: 3, stepUs: { p50: 1000, p99: 1000 } });
    expect(new GenerationTimer(nowUs()).finish(0, 10)).not.toHaveProperty('acceptedTokens');
    expect(tokenEvent({ id: 1, timings: { wallUs: 0, samplingUs: 5, accepted: true } }, { text: 'a' })).toEqual({
      id: 1,
      text: 'a',
      stepUs: 5,
      samplingUs: 5,
      accepted: true,
    });
  });

  test('reports the prefill rate of the only token that was not in the KV cache', () => {
    const timer = new GenerationTimer(nowUs());
    timer.read({
      promptTokens: 50,
      reusedTokens: 49,
      encodeUs: 1,
      prefillUs: 10,
      chunks: [{ tokens: 1, wallUs: 8 }],
      stopped: false,
    });
    expect(timer.finish(50, 100)).toMatchObject({ reusedTokens: 49, prefillRate: 100_000 });
  });
});
