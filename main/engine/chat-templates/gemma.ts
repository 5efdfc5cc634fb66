/** Gemma 2 and 3. They have no system turn, so the first message begins with the system prompt. */
export const gemma = `
{{- bos_token -}}
{%- if messages[0].role == 'system' -%}
  {%- set system = messages[0].content + '\\n\\n' -%}
  {%- set turns = messages[1:] -%}
{%- else -%}
  {%- set system = '' -%}
  {%- set turns = messages -%}
{%- endif -%}
{%- for message in turns -%}
  {%- set role = 'model' if message.role == 'assistant' else message.role -%}
  {{- '<start_of_turn>' + role + '\\n' + (system if loop.index0 == 0 else '') -}}
  {{- (message.content | trim) + '<end_of_turn>\\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}
  {{- '<start_of_turn>model\\n' -}}
{%- endif -%}
`;
