/** Phi 3 and 3.5. */
export const phi3 = `
{%- for message in messages -%}
  {{- '<|' + message.role + '|>\\n' + message.content + '<|end|>\\n' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}
  {{- '<|assistant|>\\n' -}}
{%- endif -%}
`;

/** Phi 4. */
export const phi4 = `
{%- for message in messages -%}
  {{- '<|im_start|>' + message.role + '<|im_sep|>' + message.content + '<|im_end|>' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}
  {{- '<|im_start|>assistant<|im_sep|>' -}}
{%- endif -%}
`;

/** Phi 4 mini: Phi 3 without the line ends. */
export const phi4Mini = `
{%- for message in messages -%}
  {{- '<|' + message.role + '|>' + message.content + '<|end|>' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}
  {{- '<|assistant|>' -}}
{%- endif -%}
`;
