/** Chat templates with the features of reasoning models, for tests. */

/** Like Qwen 3: a variable, thoughts of the last answer alone, an empty thought without thinking. */
export const qwen3 = `
{%- set turn = namespace(question=-1) %}
{%- for message in messages %}{%- if message.role == 'user' %}{%- set turn.question = loop.index0 %}{%- endif %}{%- endfor %}
{%- for message in messages %}
    {%- set content = message.content %}
    {%- set thought = '' %}
    {%- if message.reasoning_content is string %}
        {%- set thought = message.reasoning_content %}
    {%- elif '</think>' in content %}
        {%- set thought = content.split('</think>')[0].split('<think>')[-1] %}
        {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
    {%- endif %}
    {{- '<|im_start|>' + message.role + '\\n' }}
    {%- if thought and loop.index0 > turn.question %}{{- '<think>\\n' + thought.strip('\\n') + '\\n</think>\\n\\n' }}{%- endif %}
    {{- content + '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}
{%- endif %}`;

/** Like the distillations of DeepSeek-R1: the prompt opens the thought; earlier thoughts are cut out of the text. */
export const deepSeek = `
{%- for message in messages %}
    {%- if message.role == 'user' %}{{- '<｜User｜>' + message.content }}{%- endif %}
    {%- if message.role == 'assistant' %}{{- '<｜Assistant｜>' + message.content.split('</think>')[-1] + '<|im_end|>' }}{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<｜Assistant｜><think>\\n' }}{%- endif %}`;

/** Like SmolLM3: the mode is in the system prompt, by a variable or by the word \`/no_think\`; thoughts stay in the text. */
export const smolLm3 = `
{%- set mode = '/no_think' if enable_thinking is defined and not enable_thinking else '/think' %}
{%- set rules = messages[0].content if messages[0].role == 'system' else '' %}
{%- if '/no_think' in rules %}{%- set mode = '/no_think' %}{%- set rules = rules.replace('/no_think', '') %}{%- endif %}
{{- '<|im_start|>system\\nReasoning Mode: ' + mode + '\\n\\n' + rules.rstrip() + '<|im_end|>\\n' }}
{%- for message in messages if message.role != 'system' %}
    {{- '<|im_start|>' + message.role + '\\n' }}
    {%- if message.role == 'assistant' and mode == '/no_think' %}{{- '<think>\\n\\n</think>\\n' }}{%- endif %}
    {{- message.content.lstrip('\\n') + '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if mode == '/no_think' %}{{- '<think>\\n\\n</think>\\n' }}{%- endif %}
{%- endif %}`;

/** Like Nemotron Nano: only the word \`/no_think\` switches thinking off. */
export const flagged = `
{%- set off = namespace(found=false) %}
{%- for message in messages %}{%- if '/no_think' in message.content %}{%- set off.found = true %}{%- endif %}{%- endfor %}
{%- for message in messages %}{{- '<|im_start|>' + message.role + '\\n' + message.content.replace('/no_think', '').rstrip() + '<|im_end|>\\n' }}{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n<think>' + ('</think>' if off.found else '\\n') }}{%- endif %}`;

/** Like gpt-oss: channels of Harmony; an earlier thought is left out. */
export const harmony = `
{%- for message in messages %}
    {%- if message.role == 'assistant' %}
        {%- if loop.last and message.thinking %}{{- '<|start|>assistant<|channel|>analysis<|message|>' + message.thinking + '<|end|>' }}{%- endif %}
        {{- '<|start|>assistant<|channel|>final<|message|>' + message.content + '<|end|>' }}
    {%- else %}
        {{- '<|start|>' + message.role + '<|message|>' + message.content + '<|end|>' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|start|>assistant' }}{%- endif %}`;
