import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { reportSchema } from '../diagnostics/report.ts';
import {
  defaultFolder,
  expected,
  fixtureFolder,
  scriptedFolder,
  thinkerFolder,
  type Expected,
} from '../engine/testing/bundles.ts';
import { programFor } from '../testing/repositories.ts';
import { noSignals, testUnless } from '../testing/test-unless.ts';

// Every case starts a process, which takes long on a busy machine.
vi.setConfig({ testTimeout: 600_000 });

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(args: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcessWithoutNullStreams {
  const env = {
    ...process.env,
    WYVERN_ADDON: process.env['WYVERN_ADDON'] ?? '',
    WYVERN_MODEL: '',
    WYVERN_LOG: '',
    ...environment,
  };
  return spawn(process.execPath, [join(import.meta.dirname, 'index.ts'), ...args], { env });
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, stdout, stderr };
}

async function run(args: readonly string[], stdin = '', environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const child = start(args, environment);
  child.stdin.end(stdin);
  return await ended(child);
}

const lines = (text: string): unknown[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line));

const [first] = expected;
if (!first) throw new Error('The fixture is empty');
const fixtureTokenizers = join(import.meta.dirname, '../../e2e/fixtures/tokenizers');
const generate = ['generate', '--model', fixtureFolder] as const;

/** A copy of the fixture to spoil. */
function fixtureCopy(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wyvern cli ü-'));
  cpSync(fixtureFolder, folder, { recursive: true });
  return folder;
}

describe('generate', () => {
  test('prints the exact text and nothing else', async () => {
    expect(await run([...generate, '--raw', '--prompt', first.prompt])).toEqual({
      status: 0,
      stdout: `${first.continuation}\n`,
      stderr: '',
    });
  });

  test('--json prints one object for each token, then a summary', async () => {
    const { status, stdout } = await run([...generate, '--raw', '--prompt', first.prompt, '--json']);
    const objects = lines(stdout);
    const tokens = objects.slice(0, -1) as { type: string; id: number; text: string; stepUs: number }[];
    expect(status).toBe(0);
    expect(tokens.map(({ id }) => id)).toEqual(first.tokens);
    expect(tokens.map(({ text }) => text).join('')).toBe(first.continuation);
    for (const token of tokens) {
      expect(token).toMatchObject({
        type: 'token',
        stepUs: expect.any(Number) as number,
        samplingUs: expect.any(Number) as number,
      });
      expect(token).not.toHaveProperty('acceleratorUs');
    }
    expect(objects.at(-1)).toMatchObject({
      type: 'done',
      text: first.continuation,
      tokens: first.tokens,
      promptTokens: first.promptTokens.length,
      reason: 'stop',
      backend: 'XnnpackBackend',
      statistics: { generatedTokens: first.tokens.length, contextLength: 512, reusedTokens: 0 },
    });
  });

  test('--tokens sends exactly these ids; --max-tokens and --stop end the answer', async () => {
    const ids = first.promptTokens.join(',');
    expect((await run([...generate, '--tokens', ids])).stdout).toBe(`${first.continuation}\n`);
    const short = await run([...generate, '--tokens', ids, '--max-tokens', '2', '--json']);
    expect(lines(short.stdout).at(-1)).toMatchObject({ tokens: first.tokens.slice(0, 2), reason: 'length' });
    const stopped = await run([...generate, '--tokens', ids, '--stop', 'until', '--stop', 'never']);
    expect(stopped.stdout).toBe(`${first.continuation.split('until')[0] ?? ''}\n`);
  });

  test('--prompt and --messages go through the chat template, with --system before them', async () => {
    for (const { messages, continuation } of expected.filter((entry) => entry.reason === 'stop').slice(-4)) {
      if (!messages) continue;
      const file = join(mkdtempSync(join(tmpdir(), 'wyvern-messages-')), 'messages.json');
      for (const content of [messages, { messages }]) {
        writeFileSync(file, JSON.stringify(content));
        expect((await run([...generate, '--messages', file])).stdout).toBe(`${continuation}\n`);
      }
    }
    const brief = expected.find(({ messages }) => messages?.[0]?.role === 'system');
    const [system, user] = brief?.messages ?? [];
    const asked = await run([...generate, '--system', system?.content ?? '', '--prompt', user?.content ?? '']);
    expect(asked.stdout).toBe(`${brief?.continuation ?? ''}\n`);
  });

  test('--model takes the .pte; WYVERN_MODEL stands for the default model', async () => {
    const args = ['--raw', '--prompt', first.prompt];
    expect((await run(['generate', '--model', join(fixtureFolder, 'model.pte'), ...args])).stdout).toBe(
      `${first.continuation}\n`,
    );
    expect((await run(['generate', ...args], '', { WYVERN_MODEL: fixtureFolder })).stdout).toBe(
      `${first.continuation}\n`,
    );
  });

  test('--seed makes sampling repeatable', async () => {
    const draw = async (seed: string): Promise<string> =>
      (
        await run([
          ...generate,
          '--raw',
          '--prompt',
          'The',
          '--temperature',
          '3',
          '--top-p',
          '0.95',
          '--max-tokens',
          '20',
          '--seed',
          seed,
        ])
      ).stdout;
    const [one, same, other] = await Promise.all([draw('1'), draw('1'), draw('2')]);
    expect(one).toBe(same);
    expect(one).not.toBe(other);
  });

  testUnless(noSignals, 'Ctrl+C ends the answer and still prints the summary', async () => {
    const child = start(['generate', '--model', scriptedFolder(), '--prompt', 'a', '--json'], {
      WYVERN_ADDON: 'fake:repeat=0&rate=50',
    });
    child.stdin.end();
    child.stdout.once('data', () => child.kill('SIGINT'));
    const { status, stdout } = await ended(child);
    expect(status).toBe(0);
    expect(lines(stdout).at(-1)).toMatchObject({ type: 'done', reason: 'cancelled' });
  });

  test('a reader that closes the pipe early is not an error', async () => {
    const child = start(['generate', '--model', scriptedFolder(), '--prompt', 'a', '--json'], {
      WYVERN_ADDON: 'fake:repeat=0&rate=1000',
    });
    child.stdin.end();
    child.stdout.once('data', () => child.stdout.destroy());
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [status] = (await once(child, 'exit')) as [number | null];
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describe('diagnose', () => {
  test('reports machine, versions and model, without the person’s folders', async () => {
    const { status, stdout } = await run(['diagnose', '--json', '--model', fixtureFolder]);
    const report = reportSchema.parse(lines(stdout)[0]);
    expect(status).toBe(0);
    expect(report).toMatchObject({
      app: { shell: 'command-line', executorch: '1.5.0' },
      models: [{ name: 'Tiny wyvern (test model)', state: 'not loaded' }],
      lastErrors: [],
    });
    expect((await run(['diagnose', '--model', fixtureFolder])).stdout).toContain('# Wyvern diagnostics');
  });

  test('works without addon and model, and reports their errors', async () => {
    const environment = { WYVERN_ADDON: join(homedir(), 'no-such.node') };
    const { status, stdout } = await run(['diagnose', '--json', '--model', join(homedir(), 'none')], '', environment);
    expect(status).toBe(0);
    expect(reportSchema.parse(lines(stdout)[0]).lastErrors.map(({ text }) => text.split(':', 1)[0])).toEqual([
      'addon-missing',
      'model-not-found',
    ]);
    expect(stdout).not.toContain(homedir());
  });
});

describe('errors: a JSON line and exit status 1', () => {
  const raw = ['--raw', '--prompt', 'x'];

  test.each([
    ['a path that does not exist', ['--model', '/no/such/model', ...raw], 'model-not-found'],
    ['an empty prompt', ['--model', fixtureFolder, '--prompt', ''], 'prompt-empty'],
    ['a blank prompt', ['--model', fixtureFolder, '--prompt', ' \n '], 'prompt-empty'],
    ['an empty raw prompt', ['--model', fixtureFolder, '--raw', '--prompt', ''], 'prompt-empty'],
    ['no ids', ['--model', fixtureFolder, '--tokens', ''], 'prompt-empty'],
    ['an id beyond the vocabulary', ['--model', fixtureFolder, '--tokens', '1,512'], 'prompt-invalid'],
    [
      'a prompt longer than the context',
      ['--model', fixtureFolder, '--raw', '--prompt', 'word '.repeat(600)],
      'prompt-too-long',
    ],
    [
      'ids longer than the context',
      ['--model', fixtureFolder, '--tokens', Array(512).fill(300).join(',')],
      'prompt-too-long',
    ],
    ['a missing messages file', ['--model', fixtureFolder, '--messages', '/no/such.json'], 'prompt-invalid'],
    ['no prompt', ['--model', fixtureFolder], 'option-invalid'],
    ['two prompts', ['--model', fixtureFolder, '--tokens', '1', ...raw], 'option-invalid'],
    ['an unknown option', ['--model', fixtureFolder, '--temprature', '1', ...raw], 'option-invalid'],
    ['a stray argument', ['--model', fixtureFolder, 'stray', ...raw], 'option-invalid'],
    ['--messages with --raw', ['--raw', '--messages', 'x.json'], 'option-invalid'],
    ['an invalid number', ['--temperature', 'NaN', ...raw], 'option-invalid'],
    ['a negative number', ['--temperature=-1', ...raw], 'option-invalid'],
    ['a huge number', ['--max-tokens', '99999999999', ...raw], 'option-invalid'],
    ['no threads', ['--model', fixtureFolder, '--threads', '0', ...raw], 'option-invalid'],
  ])('%s', async (_, args, code) => {
    const { status, stdout } = await run(['generate', '--json', ...args]);
    expect({ status, lines: lines(stdout) }).toEqual({
      status: 1,
      lines: [
        {
          type: 'error',
          code,
          message: expect.stringMatching(/\S/) as string,
          hint: expect.stringMatching(/\S/) as string,
        },
      ],
    });
  });

  test('a prompt that is too long names both numbers', async () => {
    const ids = Array<number>(600).fill(300).join(',');
    const { stdout } = await run([...generate, '--tokens', ids, '--json']);
    expect(lines(stdout)[0]).toMatchObject({ message: expect.stringMatching(/600.*512/) as string });
  });

  test('a bundle with a missing, foreign or truncated part', async () => {
    const spoiled: readonly [string, (folder: string) => void, string, RegExp][] = [
      ['no tokenizer', (folder) => rmSync(join(folder, 'tokenizer.model')), 'bundle-incomplete', /tokenizer\.model/],
      ['no program', (folder) => rmSync(join(folder, 'model.pte')), 'bundle-incomplete', /model\.pte/],
      ['half a program', (folder) => truncateSync(join(folder, 'model.pte'), 100_000), 'model-invalid', /cut short/],
      [
        'a text as program',
        (folder) => writeFileSync(join(folder, 'model.pte'), 'x'.repeat(1000)),
        'model-invalid',
        /not an ExecuTorch/,
      ],
      [
        'an empty tokenizer',
        (folder) => writeFileSync(join(folder, 'tokenizer.model'), ''),
        'tokenizer-invalid',
        /tokenizer\.model/,
      ],
      [
        'half a tokenizer',
        (folder) => truncateSync(join(folder, 'tokenizer.model'), 4000),
        'tokenizer-invalid',
        /cut short/,
      ],
      [
        'half a tiktoken tokenizer',
        (folder) => writeFileSync(join(folder, 'tokenizer.model'), 'IQ== 0\nIg== 1\n'),
        'tokenizer-invalid',
        /no token for the byte 0/,
      ],
      [
        'the tiktoken tokenizer of another model',
        (folder) =>
          cpSync(join(fixtureTokenizers, 'tiktoken-llama-3/tokenizer.model'), join(folder, 'tokenizer.model')),
        'tokenizer-mismatch',
        /1,856.*512/,
      ],
      [
        'the SentencePiece tokenizer of another model',
        (folder) =>
          cpSync(join(fixtureTokenizers, 'sentencepiece-bpe/tokenizer.model'), join(folder, 'tokenizer.model')),
        'tokenizer-mismatch',
        /1,200.*512/,
      ],
      [
        'the tokenizer of another model',
        (folder) => {
          cpSync(join(defaultFolder, 'tokenizer.json'), join(folder, 'tokenizer.json'));
          rmSync(join(folder, 'tokenizer.model'));
          rmSync(join(folder, 'wyvern.json'));
        },
        'tokenizer-mismatch',
        /49,152.*512/,
      ],
      [
        'two tokenizers without a choice',
        (folder) => {
          cpSync(join(defaultFolder, 'tokenizer.json'), join(folder, 'tokenizer.json'));
          rmSync(join(folder, 'wyvern.json'));
        },
        'option-invalid',
        /tokenizer\.json, tokenizer\.model/,
      ],
      [
        'a broken manifest',
        (folder) => writeFileSync(join(folder, 'wyvern.json'), '{"name":'),
        'model-invalid',
        /wyvern\.json/,
      ],
      [
        'a broken template',
        (folder) => writeFileSync(join(folder, 'chat_template.jinja'), '{% for'),
        'template-invalid',
        /template/,
      ],
      [
        'an endless template',
        (folder) =>
          writeFileSync(
            join(folder, 'chat_template.jinja'),
            '{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}',
          ),
        'template-invalid',
        /did not end/,
      ],
    ];
    for (const [what, spoil, code, message] of spoiled) {
      const folder = fixtureCopy();
      spoil(folder);
      const { status, stdout } = await run(['generate', '--json', '--model', folder, '--prompt', 'x']);
      expect({ what, status, lines: lines(stdout) }).toEqual({
        what,
        status: 1,
        lines: [
          {
            type: 'error',
            code,
            message: expect.stringMatching(message) as string,
            hint: expect.any(String) as string,
          },
        ],
      });
    }
  });

  test('a model without a chat template continues the text and reports this', async () => {
    const folder = fixtureCopy();
    writeFileSync(join(folder, 'wyvern.json'), '{"name":"Tiny","completion":true}');
    const { stdout } = await run(['generate', '--model', folder, '--prompt', first.prompt]);
    expect(stdout).toBe(`${first.continuation}\n`);
    expect((await run(['inspect', folder])).stdout).toMatch(/chat template +none: the last message is continued/);
  });

  test('a template is recognised by the tokenizer’s control tokens, and named', async () => {
    const folder = fixtureCopy();
    rmSync(join(folder, 'wyvern.json'));
    expect(lines((await run(['inspect', '--json', folder])).stdout)[0]).toMatchObject({
      chatTemplate: { source: 'recognised', family: 'phi-3' },
      stopTokens: ['</s>', '<|end|>'],
    });
    expect((await run(['inspect', folder])).stdout).toMatch(/chat template +Phi 3 \(recognised/);
  });

  test('--template takes a family, a file or none; anything else is refused', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'wyvern-template-')), 'raw.jinja');
    writeFileSync(file, '{{ bos_token }}{% for m in messages %}{{ m.content }}{% endfor %}');
    const asked = [...generate, '--prompt', first.prompt];
    const plain = `${first.continuation}\n`;
    expect((await run([...asked, '--template', 'none'])).stdout).toBe(plain);
    expect((await run([...asked, '--template', file])).stdout).toBe(plain);
    const llama = await run([...asked, '--template', 'llama-3', '--json', '--max-tokens', '1']);
    const own = await run([...asked, '--json', '--max-tokens', '1']);
    const promptTokens = (output: string): unknown => (lines(output).at(-1) as { promptTokens: number }).promptTokens;
    // The marks of Llama 3 are not tokens of this model, so they are encoded as text.
    expect(promptTokens(llama.stdout)).toBeGreaterThan(Number(promptTokens(own.stdout)));
    const { status, stderr } = await run([...asked, '--template', 'llama-9']);
    expect(status).toBe(1);
    expect(stderr).toContain('“llama-9” is neither a family nor a file');
    expect((await run([...generate, '--raw', '--prompt', 'x', '--template', 'gemma'])).status).toBe(1);
  });

  test('a missing addon names the set-up command; without --json the error goes to standard error', async () => {
    const { status, stdout, stderr } = await run([...generate, ...raw], '', { WYVERN_ADDON: '/no/such.node' });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^wyvern: .*\/no\/such\.node[\s\S]*npm run setup/);
  });
});

describe('chat', () => {
  const exact = ['chat', '--model', fixtureFolder, '--temperature', '0', '--repetition-penalty', '1'];

  test('answers the lines of standard input as one conversation and ends well', async () => {
    const conversation = expected.find(({ messages }) => messages?.length === 5);
    const asked = conversation?.messages?.filter(({ role }) => role === 'user').map(({ content }) => content) ?? [];
    const answers =
      conversation?.messages?.filter(({ role }) => role === 'assistant').map(({ content }) => content) ?? [];
    expect(asked.length).toBe(3);
    expect(await run(exact, `${asked.join('\n\n')}\n`)).toEqual({
      status: 0,
      stdout: `${[...answers, conversation?.continuation].join('\n')}\n`,
      stderr: '',
    });
  });

  test('answers README’s questions with Paris and Rome', async () => {
    const questions = 'What is the capital of France?\nAnd of Italy?\n';
    expect(await run(['chat', '--temperature', '0'], questions)).toMatchObject({
      status: 0,
      stdout: 'The capital of France is Paris.\nThe capital of Italy is Rome.\n',
    });
  });

  test('samples as the window does: by the bundle’s generation config, else by the default settings', async () => {
    const config = { do_sample: true, temperature: 1.5, top_p: 0.95, repetition_penalty: 1.3 };
    const explicit = ['--temperature', '1.5', '--top-p', '0.95', '--repetition-penalty', '1.3'];
    const defaults = ['--temperature', '0.2', '--top-p', '0.9', '--repetition-penalty', '1.1'];
    const [plain, recommending] = [fixtureCopy(), fixtureCopy()];
    for (const copy of [plain, recommending]) {
      const manifest = JSON.parse(readFileSync(join(copy, 'wyvern.json'), 'utf8')) as object;
      writeFileSync(join(copy, 'wyvern.json'), JSON.stringify({ ...manifest, sampling: undefined }));
    }
    writeFileSync(join(recommending, 'generation_config.json'), JSON.stringify(config));
    const chat = async (folder: string, args: readonly string[] = []): Promise<string> => {
      const asked = ['chat', '--model', folder, '--seed', '7', '--max-tokens', '40', ...args];
      return (await run(asked, 'Tell me about the lighthouse\n')).stdout;
    };
    const [own, asked, byDefault, spelledOut] = await Promise.all([
      chat(recommending),
      chat(plain, explicit),
      chat(plain),
      chat(recommending, defaults),
    ]);
    expect([own, byDefault]).toEqual([asked, spelledOut]);
    expect(own).not.toBe(byDefault);
  });

  test('with nothing to answer it just ends; a prompt that cannot be answered is an error', async () => {
    expect(await run(['chat', '--model', fixtureFolder], '\n\n')).toEqual({ status: 0, stdout: '', stderr: '' });
    const { status, stderr } = await run(['chat', '--model', fixtureFolder], `${'word '.repeat(600)}\n`);
    expect(status).toBe(1);
    expect(stderr).toMatch(/tokens/);
  });
});

const optimum = join(import.meta.dirname, '../../e2e/fixtures/optimum');

describe('an export of optimum-executorch, which has no tokenizer', () => {
  const own = join(optimum, 'tiny-gemma-3');
  const program = join(optimum, 'gemma-3-ring.pte');
  const known = JSON.parse(readFileSync(join(optimum, 'gemma-3-ring.json'), 'utf8')) as readonly Expected[];
  const turn = known.find(({ messages }) => messages?.length === 1);
  const question = turn?.messages?.[0]?.content ?? '';

  /** The program alone, as `optimum-cli` leaves it. */
  function exported(): string {
    const folder = mkdtempSync(join(tmpdir(), 'wyvern Tiny-ET ü-'));
    cpSync(program, join(folder, 'model.pte'));
    return folder;
  }

  test('answers as trained with --tokenizer, by generate and by chat', async () => {
    const model = ['--model', exported(), '--tokenizer', own];
    expect(await run(['generate', ...model, '--prompt', question])).toEqual({
      status: 0,
      stdout: `${turn?.continuation ?? ''}\n`,
      stderr: '',
    });
    // The surplus token of the tokenizer has no logit, and a person's text never makes it.
    expect(
      (await run(['generate', ...model, '--prompt', `${question}<image_soft_token>`, '--max-tokens', '1'])).status,
    ).toBe(0);
    const talk = await run(
      ['chat', ...model, '--temperature', '0'],
      `${question}\nMy name is Ada.\nWhat is my name?\n`,
    );
    expect(talk.stdout.split('\n')).toEqual([turn?.continuation, 'Nice to meet you, Ada.', 'Your name is Ada.', '']);
  });

  test('is inspected with --tokenizer, with the template and the ends of the model’s own files', async () => {
    const { stdout } = await run(['inspect', exported(), '--tokenizer', own, '--json']);
    expect(lines(stdout)[0]).toMatchObject({
      facts: { vocabSize: 512, contextLength: 192 },
      tokenizer: { vocabSize: 513 },
      chatTemplate: { source: 'tokenizer-config' },
      stopTokens: ['</s>', '<|end|>'],
    });
  });

  test('is refused without it, with the name of the option', async () => {
    const { status, stderr } = await run(['generate', '--model', exported(), '--prompt', 'x']);
    expect(status).toBe(1);
    expect(stderr).toContain('--tokenizer FOLDER');
    const empty = await run(['generate', '--json', '--model', exported(), '--tokenizer', '', '--prompt', 'x']);
    expect(lines(empty.stdout)[0]).toMatchObject({ code: 'option-invalid' });
  });
});

test.each([
  ['whisper.pte', readFileSync(join(optimum, 'whisper.pte')), 'model-unsupported', /such as Whisper/],
  ['ggml.pte', programFor('GgmlBackend'), 'backend-missing', /made for GGML/],
  ['mediatek.pte', programFor('NeuropilotBackend'), 'backend-missing', /made for MediaTek NPU/],
  ['package.ptn', Buffer.alloc(4096), 'model-unsupported', /native runtime/],
] as const)('inspect names %s and does not call it damaged', async (name, bytes, code, message) => {
  const folder = mkdtempSync(join(tmpdir(), 'wyvern named ü-'));
  writeFileSync(join(folder, name), bytes);
  cpSync(join(fixtureFolder, 'tokenizer.model'), join(folder, 'tokenizer.model'));
  const { status, stdout } = await run(['inspect', folder, '--json']);
  expect({ status, lines: lines(stdout) }).toMatchObject({
    status: 1,
    lines: [{ code, message: expect.stringMatching(message) as string }],
  });
  expect(stdout).not.toMatch(/damaged/i);
});

test('a program for another chip of the NPU’s generation is inspected and answers with a warning', async () => {
  const folder = join(import.meta.dirname, '../../e2e/fixtures/tiny-llama-qnn-sm8550');
  const environment = { WYVERN_CHIP: 'Snapdragon(R) X Elite - X1E80100 - Qualcomm(R) Oryon(TM) CPU' };
  const { stdout } = await run(['inspect', folder], '', environment);
  expect(stdout).toMatch(/compiled for +Snapdragon 8 Gen 2 \(V73\), SoC SM8550/);
  expect(stdout).toMatch(/warning +compiled for another chip than Snapdragon X Elite \(V73\)/);
  const asked = ['generate', '--model', folder, '--raw', '--prompt', first.prompt, '--max-tokens', '1'];
  expect((await run(asked, '', environment)).stderr).toContain('it may not run on Snapdragon X Elite (V73).');
});

describe('inspect and bench', () => {
  test('inspect lists the parts of a bundle', async () => {
    const { status, stdout } = await run(['inspect', fixtureFolder, '--json', '--verify']);
    expect(status).toBe(0);
    expect(lines(stdout)).toEqual([
      expect.objectContaining({
        type: 'model',
        name: 'Tiny wyvern (test model)',
        license: 'Apache-2.0',
        folder: fixtureFolder,
        backend: 'XnnpackBackend',
        facts: expect.objectContaining({ vocabSize: 512, contextLength: 512 }) as object,
        tokenizer: { kind: 'sentencepiece', vocabSize: 512 },
        verified: [
          { file: 'model.pte', matches: true },
          { file: 'tokenizer.model', matches: true },
        ],
      }),
    ]);
    const text = (await run(['inspect', fixtureFolder])).stdout;
    expect(text).toMatch(/backend +XnnpackBackend/);
    expect(text).toMatch(/context +512 tokens/);
  });

  test('inspect --verify fails if a file differs from its hash in the manifest', async () => {
    const folder = fixtureCopy();
    const manifest = JSON.parse(readFileSync(join(folder, 'wyvern.json'), 'utf8')) as {
      sha256: Record<string, string>;
    };
    manifest.sha256['model.pte'] = '0'.repeat(64);
    writeFileSync(join(folder, 'wyvern.json'), JSON.stringify(manifest));
    const { status, stdout } = await run(['inspect', folder, '--verify']);
    expect(status).toBe(1);
    expect(stdout).toMatch(/SHA-256 +DIFFERENT: model\.pte/);
  });

  test('bench measures prefill and decoding for the requested tokens', async () => {
    const { status, stdout } = await run([
      'bench',
      '--model',
      fixtureFolder,
      '--prompt-tokens',
      '100',
      '--tokens',
      '20',
      '--runs',
      '2',
      '--json',
    ]);
    expect(status).toBe(0);
    const rate = expect.objectContaining({ median: expect.any(Number) as number }) as object;
    expect(lines(stdout)).toEqual([
      expect.objectContaining({
        type: 'bench',
        backend: 'XnnpackBackend',
        promptTokens: 100,
        tokens: 20,
        runs: 2,
        prefillRate: rate,
        decodeRate: rate,
      }),
    ]);
    const tooMany = await run([
      'bench',
      '--model',
      fixtureFolder,
      '--prompt-tokens',
      '500',
      '--tokens',
      '20',
      '--json',
    ]);
    expect(lines(tooMany.stdout)).toEqual([expect.objectContaining({ type: 'error', code: 'option-invalid' })]);
  });

  test('help and unknown commands', async () => {
    for (const args of [[], ['--help'], ['generate', '--help']]) {
      const { status, stdout } = await run(args);
      expect({ status, usage: stdout.startsWith('Usage: wyvern') }).toEqual({ status: 0, usage: true });
    }
    expect(await run(['fly'])).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('“fly”') as string,
    });
    expect((await run(['constructor'])).status).toBe(1);
  });
});

describe('thoughts', () => {
  const asked = ['generate', '--model', thinkerFolder, '--prompt', 'What is 2 + 2?'];

  test('are lines of their own type with --json, and no part of a piped answer', async () => {
    const [json, plain] = [await run([...asked, '--json']), await run(asked)];
    const events = lines(json.stdout) as { type: string; text: string; thought?: string }[];
    const thought = events.filter(({ type }) => type === 'thought').map((event) => event.thought);
    expect(thought.join('')).toBe('Two and two: I count *one*, two, three, four.');
    expect(events.at(-1)).toMatchObject({ type: 'done', text: 'It is 4.', thought: thought.join('') });
    expect(plain.stdout).toBe('It is 4.\n');
  });

  test('--thinking off leaves them out, and --max-thought-tokens closes them', async () => {
    const off = lines((await run([...asked, '--json', '--thinking', 'off'])).stdout).at(-1);
    expect(off).toMatchObject({ text: 'It is 4.' });
    expect(off).not.toHaveProperty('thought');
    const cut = lines((await run([...asked, '--json', '--max-thought-tokens', '5'])).stdout).at(-1);
    expect(cut).toMatchObject({ text: 'It is 4.', thought: 'Two and two' });
  });

  test('a file of messages may have reasoning_content', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'wyvern-messages-'));
    const file = join(folder, 'messages.json');
    const messages = [
      { role: 'user', content: 'Hello!' },
      { role: 'assistant', content: 'Hello! I think before I answer.', reasoning_content: 'A greeting.' },
      { role: 'user', content: 'What is 2 + 2?' },
    ];
    writeFileSync(file, JSON.stringify(messages));
    const { stdout } = await run(['generate', '--model', thinkerFolder, '--messages', file]);
    expect(stdout).toBe('It is 4.\n');
    rmSync(folder, { recursive: true });
  });

  test('wrong options are refused', async () => {
    const { stdout } = await run([...asked, '--json', '--thinking', 'maybe']);
    expect(lines(stdout)).toMatchObject([{ type: 'error', code: 'option-invalid' }]);
    const raw = await run([...asked, '--json', '--raw', '--thinking', 'off']);
    expect(lines(raw.stdout)).toMatchObject([{ type: 'error', code: 'option-invalid' }]);
  });
});
