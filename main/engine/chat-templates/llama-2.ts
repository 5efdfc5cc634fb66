/** Llama 2 chat: the system message is inside the first turn of the user. */
export const llama2 = `
{%- if messages[0].role == 'system' -%}
  {%- set system = '<<SYS>>\\n' + messages[0].content + '\\n<</SYS>>\\n\\n' -%}
  {%- set turns = messages[1:] -%}
{%- else -%}
  {%- set system = '' -%}
  {%- set turns = messages -%}
{%- endif -%}
{%- for message in turns -%}
  {%- if message.role == 'user' -%}
    {%- set text = (system + message.content) if loop.index0 == 0 else message.content -%}
    {{- bos_token + '[INST] ' + (text | trim) + ' [/INST]' -}}
  {%- else -%}
    {{- ' ' + (message.content | trim) + ' ' + eos_token -}}
  {%- endif -%}
{%- endfor -%}
`;
