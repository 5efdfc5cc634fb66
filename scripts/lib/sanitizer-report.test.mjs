import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { at } from './places.mjs';
import { groupFindings, readKnown, readReport } from './sanitizer-report.mjs';

const libexecutorch = '(/app/native/libexecutorch.so+0x27bb6) (BuildId: 6e50)';
const end =
  '\n\n0x603000000010 is located 0 bytes after 16-byte region\n    #0 0x55 in malloc (/app/native/wyvern.node+0x1)\n';

/** @param {string} kind @param {...string} frames */
const address = (kind, ...frames) =>
  `=================================================================\n==12==ERROR: AddressSanitizer: ${kind} on unknown address 0x000000000000 (pc 0x7f T19)\n==12==The signal is caused by a READ memory access.\n${frames.map((frame, i) => `    #${i} 0x7ff3e878f365 ${frame}`).join('\n')}${end}`;

describe('readReport', () => {
  it.each([
    {
      what: 'memory that our code reads beyond, through the runtime',
      log: address(
        'heap-buffer-overflow',
        'in __asan_memcpy (/usr/lib/llvm/libclang_rt.asan-x86_64.so+0x1) (BuildId: 1)',
        'in wyvern::append_keys(wyvern::CacheShape const&, std::byte*, unsigned long) /app/native/model/kv_layout.cpp:70:9',
      ),
      found: { kind: 'heap-buffer-overflow', owner: 'ours', where: 'wyvern::append_keys' },
    },
    {
      what: 'a crash in a function of the SDK that has no name',
      log: address(
        'SEGV',
        ` ${libexecutorch}`,
        `in executorch::extension::FlatTensorDataMap::get_tensor_layout(std::basic_string_view<char, std::char_traits<char>>) const ${libexecutorch}`,
        'in wyvern::Program::load(int) /app/native/model/program.cpp:10:3',
      ),
      found: {
        kind: 'SEGV',
        owner: 'sdk',
        where: 'libexecutorch.so below executorch::extension::FlatTensorDataMap::get_tensor_layout',
      },
    },
    {
      what: 'a check of the SDK that fails in the SDK',
      log: address(
        'ABRT',
        'in __pthread_kill_implementation nptl/pthread_kill.c:44:76',
        'in raise signal/../sysdeps/posix/raise.c:26:13',
        'in abort stdlib/abort.c:79:7',
        `in et_pal_abort ${libexecutorch}`,
        `in executorch::runtime::runtime_abort() ${libexecutorch}`,
        `in bool torch::executor::function::et_view(executorch::runtime::KernelRuntimeContext&) ${libexecutorch}`,
      ),
      found: { kind: 'ABRT', owner: 'sdk', where: 'torch::executor::function::et_view' },
    },
    {
      what: 'a check of the SDK that fails for what our code asked, in a header of the SDK',
      log: address(
        'ABRT',
        'in abort stdlib/abort.c:79:7',
        `in executorch::runtime::runtime_abort() ${libexecutorch}`,
        'in executorch::runtime::EValue::toTensor() const /x/site-packages/executorch/include/executorch/runtime/core/evalue.h:348:5',
        'in wyvern::(anonymous namespace)::logits_of(std::vector<int>) /app/native/model/llama_model.cpp:90:1',
      ),
      found: { kind: 'ABRT', owner: 'ours', where: 'wyvern::{anonymous}::logits_of' },
    },
    {
      what: 'undefined behaviour on a line of ours',
      log: "/app/native/sampler.cpp:56:59: runtime error: inf is outside the range of representable values of type 'int'\n    #0 0x7f in wyvern::Sampler::draw(std::span<float const, 18446744073709551615ul>, float) /app/native/sampler.cpp:56:59\n",
      found: { kind: 'undefined behaviour', owner: 'ours', where: 'wyvern::Sampler::draw' },
    },
    {
      what: 'undefined behaviour on a line of the SDK that was compiled into ours',
      log: '/x/site-packages/executorch/include/executorch/runtime/core/span.h:56:9: runtime error: applying zero offset to null pointer\n    #0 0x7f in executorch::runtime::Span<int>::end() const /x/site-packages/executorch/include/executorch/runtime/core/span.h:56:9\n    #1 0x7f in wyvern::Program::load(int) /app/native/model/program.cpp:10:3\n',
      found: { kind: 'undefined behaviour', owner: 'sdk' },
    },
    {
      what: 'a crash of Node',
      log: address('SEGV', 'in v8::internal::Heap::Scavenge() (/app/node_modules/node/bin/node+0x1) (BuildId: 2)'),
      found: { kind: 'SEGV', owner: 'elsewhere', where: 'v8::internal::Heap::Scavenge' },
    },
  ])('tells whose it is: $what', ({ log, found }) => {
    expect(readReport(log)).toEqual([expect.objectContaining(found)]);
  });

  it('reads several reports, and none from an empty log', () => {
    const one = '/app/native/sampler.cpp:56:59: runtime error: inf is no int\n';
    expect(readReport(one + one)).toHaveLength(2);
    expect(readReport('AddressSanitizer:DEADLYSIGNAL\nall is well\n')).toEqual([]);
  });
});

describe('groupFindings', () => {
  const crash = address('SEGV', `in torch::executor::native::index_Tensor_out(int) ${libexecutorch}`);
  const findings = readReport(crash + crash);

  it('counts the same findings as one', () => {
    const { ours, sdk } = groupFindings(findings, []);
    expect(ours).toEqual([]);
    expect(sdk).toMatchObject([{ count: 2, reason: undefined }]);
  });

  it('recognises known findings by kind and function', () => {
    const known = readKnown('# a comment\n\nSEGV | torch::executor::native::index_Tensor_out | it follows an index\n');
    expect(groupFindings(findings, known).sdk).toMatchObject([{ count: 2, reason: 'it follows an index' }]);
    const other = [{ kind: 'ABRT', where: 'torch::executor::native::index_Tensor_out', reason: 'another kind' }];
    expect(groupFindings(findings, other).sdk).toMatchObject([{ reason: undefined }]);
  });

  it('never accepts a finding in our code', () => {
    const ours = readReport(address('SEGV', 'in wyvern::Session::next(int) /app/native/model/session.cpp:86:3'));
    const known = [{ kind: 'SEGV', where: 'wyvern::Session::next', reason: 'it is fine' }];
    expect(groupFindings(ours, known).ours).toMatchObject([{ count: 1, reason: undefined }]);
  });
});

describe('the list of known findings', () => {
  it('requires a reason', () => {
    expect(() => readKnown('SEGV | f')).toThrow(/kind \| function \| reason/);
    expect(() => readKnown('SEGV | f | ')).toThrow(/kind \| function \| reason/);
  });

  it('in the repository is readable and names none of our functions', () => {
    const known = readKnown(readFileSync(at('native', 'test', 'sanitizers', 'sdk-findings.txt'), 'utf8'));
    expect(known.filter(({ where }) => where.includes('wyvern'))).toEqual([]);
  });
});
