/** The user turn that begins with the system message: the first or, from version 3 on, the last. */
const turns = `
{{- bos_token -}}
{%- if messages[0].role == 'system' -%}
  {%- set system = messages[0].content + '\\n\\n' -%}
  {%- set turns = messages[1:] -%}
{%- else -%}
  {%- set system = '' -%}
  {%- set turns = messages -%}
{%- endif -%}
`;

/** Mistral 7B v0.1 and v0.2: the marks are plain text. */
export const mistral1 = `${turns}
{%- for message in turns -%}
  {%- if message.role == 'user' -%}
    {{- '[INST] ' + (system if loop.index0 == 0 else '') + message.content + ' [/INST]' -}}
  {%- else -%}
    {{- ' ' + message.content + eos_token -}}
  {%- endif -%}
{%- endfor -%}
`;

/** Mistral 7B v0.3 and models of its time: the marks are single tokens. */
export const mistral3 = `${turns}
{%- for message in turns -%}
  {%- if message.role == 'user' -%}
    {{- '[INST] ' + (system if loop.last else '') + message.content + '[/INST]' -}}
  {%- else -%}
    {{- ' ' + (message.content | trim) + eos_token -}}
  {%- endif -%}
{%- endfor -%}
`;

/** From tokenizer version 7 on (Mistral Small 3 and models of its time): the system message has its own marks. */
export const mistral7 = `
{{- bos_token -}}
{%- for message in messages -%}
  {%- if message.role == 'system' -%}
    {{- '[SYSTEM_PROMPT]' + message.content + '[/SYSTEM_PROMPT]' -}}
  {%- elif message.role == 'user' -%}
    {{- '[INST]' + message.content + '[/INST]' -}}
  {%- else -%}
    {{- message.content + eos_token -}}
  {%- endif -%}
{%- endfor -%}
`;
