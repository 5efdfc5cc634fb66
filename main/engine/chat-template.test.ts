import { describe, expect, test } from 'vitest';
import { ChatTemplate } from './chat-template.ts';
import { EngineFailure } from './errors.ts';
import type { ChatMessage } from './protocol.ts';

const noTokens = { bos_token: '', eos_token: '', unk_token: '', pad_token: '' };
const hi = [{ role: 'user', content: 'Hi' }] as const;

function codeOf(task: () => unknown): string | undefined {
  try {
    task();
    return undefined;
  } catch (error) {
    return error instanceof EngineFailure ? error.code : String(error);
  }
}

describe('rendering', () => {
  test('gives messages, the generation prompt and special tokens to the template', () => {
    const template = new ChatTemplate(
      '{{ bos_token }}{% for m in messages %}[{{ m.role }}]{{ m.content | trim }}{{ eos_token }}{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}',
    );
    expect(
      template.render([{ role: 'user', content: ' Hi ' }], { ...noTokens, bos_token: '<s>', eos_token: '</s>' }),
    ).toBe('<s>[user]Hi</s>[assistant]');
  });

  test('puts a system message that the template refuses at the start of the first user message', () => {
    const template = new ChatTemplate(
      "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}",
    );
    expect(template.render([{ role: 'system', content: 'Be brief.' }, ...hi], noTokens)).toBe(
      'user: Be brief.\n\nHi\n',
    );
  });

  test.each([
    ['does not parse', '{% for'],
    ['raises', "{{ raise_exception('Conversation roles must alternate') }}"],
    ['loops', '{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}'],
    ['makes a huge list', '{% for i in range(100000000000) %}{% endfor %}'],
    [
      'doubles its text',
      '{% set n = namespace(s="ab") %}{% for i in range(40) %}{% set n.s = n.s ~ n.s %}{% endfor %}{{ n.s }}',
    ],
    ['makes megabytes of text', '{% for i in range(300000) %}0123456789{% endfor %}'],
    ['calls itself', '{% macro m(x) %}{{ x(x) }}{% endmacro %}{{ m(m) }}'],
    ['calls a value that is not a function', '{{ messages() }}'],
  ])('a template that %s is a coded error in bounded time', (_, text) => {
    expect(codeOf(() => new ChatTemplate(text).render(hi, noTokens))).toBe('template-invalid');
  });

  test('refuses a template of megabytes without parsing it', () => {
    expect(codeOf(() => new ChatTemplate('x'.repeat(2 ** 20 + 1)))).toBe('template-invalid');
  });

  test('cannot reach the objects of the process', () => {
    const render = (text: string): string => new ChatTemplate(text).render(hi, noTokens);
    for (const name of ['process', 'require', 'globalThis', 'task', 'constructor']) {
      expect(render(`{{ ${name} is defined }}`)).toBe('False');
    }
    expect(render("{{ messages.constructor is defined }}{{ messages['__proto__'] is defined }}")).toBe('FalseFalse');
  });
});

describe('the context of a template', () => {
  const render = (text: string): string => new ChatTemplate(text).render(hi, {});

  test('has the values of transformers: no tools, no documents, and only the tokens that the bundle names', () => {
    expect(
      render('{{ tools is none }}{{ documents is none }}{{ add_generation_prompt }}{{ messages[0].content }}'),
    ).toBe('TrueTrueTrueHi');
    expect(render('{% if tools is not none %}{{ tools | tojson }}{% endif %}Hi')).toBe('Hi');
    expect(render('{{ bos_token is defined }}{{ date_string is defined }}{{ enable_thinking is defined }}')).toBe(
      'FalseTrueFalse',
    );
  });

  test('gives message parts to a template that takes only parts', () => {
    const text =
      "{% for m in messages %}{% if m['content'][0]['type'] == 'image' %}IMG{% endif %}" +
      "{% for line in m['content'] %}{% if line['type'] == 'text' %}{{ line['text'] }}{% endif %}{% endfor %}{% endfor %}";
    expect(render(text)).toBe('Hi');
  });
});

test.each([
  ['leaves it out', "{% for m in messages %}{% if m.role == 'user' %}{{ m.content }}{% endif %}{% endfor %}"],
  [
    'refuses it',
    "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('none') }}{% endif %}{{ m.content }}{% endfor %}",
  ],
])('a system prompt opens the first message where the template %s', (_, text) => {
  const template = new ChatTemplate(text);
  expect(template.render([{ role: 'system', content: 'Be brief.' }, ...hi], {})).toBe('Be brief.\n\nHi');
  expect(template.systemPlace({})).toBe('first-message');
});

test('a system prompt without a place is left out if the chat wants that, and only then', () => {
  const messages: readonly ChatMessage[] = [{ role: 'system', content: 'Be brief.' }, ...hi];
  const without = new ChatTemplate(
    "{% for m in messages %}{% if m.role == 'user' %}{{ m.content }}{% endif %}{% endfor %}",
  );
  expect(without.render(messages, {}, { systemInFirst: false })).toBe('Hi');
  const withPlace = new ChatTemplate('{% for m in messages %}{{ m.content }}|{% endfor %}');
  expect(withPlace.render(messages, {}, { systemInFirst: false })).toBe('Be brief.|Hi|');
});
