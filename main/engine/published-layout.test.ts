import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cacheRepository, foldersAbove, hintsOf } from './published-layout.ts';

const path = (text: string): string => join('/', ...text.split('/'));

describe('facts in names', () => {
  test.each([
    ['qwen/0_6b/xnnpack/qwen_3_0_6b_xnnpack_8da4w.pte', { size: '0.6B', precision: '8da4w' }],
    ['llama/1b/xnnpack/llama_3_2_1b_xnnpack_spinquant.pte', { size: '1B', precision: 'spinquant' }],
    ['lfm/vl_450m/xnnpack/lfm_2_5_vl_450m_xnnpack_8da4w.pte', { size: '450M', precision: '8da4w' }],
    ['xnnpack/Qwen3-0.6B-8da4w-16k.pte', { size: '0.6B', precision: '8da4w', contextLength: 16_384 }],
    ['Llama-3.2-1B-Instruct-SpinQuant_INT4_EO8.pte', { size: '1B', precision: 'SpinQuant' }],
    ['Qwen3-4B-INT8-INT4/model.pte', { size: '4B', precision: 'INT8-INT4' }],
    ['qwen-3-1.7B/quantized/qwen3_1_7b_8da4w.pte', { size: '1.7B', precision: '8da4w' }],
  ])('%s', (program, hints) => {
    expect(hintsOf(path(program))).toEqual(hints);
  });

  test.each(['qwen_2_5_3b_bf16.pte', 'llama_3_2_1b.pte', 'model.pte', 'b.pte', '4bits.pte'])(
    '%s names no size: nobody can say where the version ends',
    (program) => {
      expect(hintsOf(path(program)).size).toBeUndefined();
    },
  );
});

test('only folders named like variants lead to the folders above', () => {
  expect(foldersAbove(path('qwen/0_6b/xnnpack'))).toEqual([path('qwen/0_6b'), path('qwen')]);
  expect(foldersAbove(path('tiny/qnn/sm8650'))).toEqual([path('tiny/qnn'), path('tiny')]);
  expect(foldersAbove(path('home/me/Downloads'))).toEqual([]);
  expect(foldersAbove(path('4b/4b/4b/4b/4b'))).toHaveLength(3);
  expect(foldersAbove(path('4b'))).toEqual([path('')]);
});

test('a snapshot in the cache belongs to its repository, any other folder to none', () => {
  const repository = path('hub/models--Qwen--Qwen3-0.6B');
  expect(cacheRepository(join(repository, 'snapshots', 'abc', 'xnnpack'))).toBe(repository);
  expect(cacheRepository(join(repository, 'blobs', 'abc'))).toBeUndefined();
  expect(cacheRepository(path('snapshots/abc'))).toBeUndefined();
});
