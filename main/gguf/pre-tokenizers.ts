/**
 * The patterns behind `tokenizer.ggml.pre`: names that llama.cpp gives to the pre-tokenizers of published models. Each pattern
 * cuts the pieces of the one before; matches and the text between them are words. Where llama.cpp's pattern differs from the
 * model's own `tokenizer.json`, the files here follow llama.cpp, so that both give a text the same ids.
 */

interface PreTokenizer {
  readonly patterns: readonly string[];
  /** A word in the vocabulary becomes one token without merges. */
  readonly ignoresMerges?: boolean;
  /** Whether a raw text begins with the token BOS, if the file does not say. */
  readonly addsBos?: boolean;
}

const shortForms = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])";
const gpt2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)";
const newlines = '\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';
/** GPT-4's: words with one character before them, and runs of up to three or of single digits. */
const cl100k = (digits: string): string =>
  `${shortForms}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|${newlines}`;
/** GPT-4o's: words end where upper case follows lower case. Letters beyond ASCII are of both cases. */
const upper = '(?:(?=[\\p{L}])[^a-z])';
const lower = '(?:(?=[\\p{L}])[^A-Z])';
const o200k = (digits: string, ending: string): string =>
  [
    `[^\\r\\n\\p{L}\\p{N}]?${upper}*${lower}+${ending}`,
    `[^\\r\\n\\p{L}\\p{N}]?${upper}+${lower}*${ending}`,
    digits,
    ' ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*',
    newlines,
  ].join('|');
const asciiPunctuation = '[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~]';

const llama3: PreTokenizer = { patterns: [cl100k('\\p{N}{1,3}')] };
const qwen2: PreTokenizer = { patterns: [cl100k('\\p{N}')] };
const singleDigits: PreTokenizer = { patterns: ['\\p{N}', gpt2] };
const plain: PreTokenizer = { patterns: [gpt2] };
const words: PreTokenizer = { patterns: [' ?[^(\\s|.,!?…。，、।۔،)]+'] };
const deepseek3: PreTokenizer = {
  patterns: [
    '\\p{N}{1,3}',
    '[一-龥぀-ゟ゠-ヿ]+',
    `${asciiPunctuation}[A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|${newlines}`,
  ],
};
const o200kWords: PreTokenizer = { patterns: [o200k('\\p{N}{1,3}', `${shortForms}?`)] };

const families: readonly (readonly [PreTokenizer, readonly string[]])[] = [
  [{ patterns: ['[\\p{P}\\$\\+<=>\\^~\\|]+', gpt2, '\\p{N}+', '[0-9][0-9][0-9]'] }, ['default']],
  [
    { ...llama3, ignoresMerges: true, addsBos: true },
    ['llama3', 'llama-v3', 'llama-bpe', 'falcon3', 'falcon-h1', 'pixtral', 'midm-2.0', 'lfm2'],
  ],
  [llama3, ['dbrx', 'smaug-bpe', 'glm4', 'chatglm-bpe']],
  [qwen2, ['qwen2', 'deepseek-r1-qwen', 'megrez', 'stablelm2', 'hunyuan', 'grok-2', 'solar-open']],
  [singleDigits, ['smollm', 'starcoder', 'refact', 'command-r', 'codeshell', 'exaone', 'minerva-7b']],
  [
    plain,
    [
      'gpt-2',
      'phi-2',
      'mpt',
      'olmo',
      'jais',
      'trillion',
      'exaone4',
      'a.x-4.0',
      'mellum',
      'gigachat',
      'granite-docling',
    ],
  ],
  [deepseek3, ['deepseek-v3', 'hunyuan-dense']],
  [
    {
      patterns: ['[\\r\\n]', '\\s?\\p{L}+', '\\s?\\p{P}+', '[一-龥ࠀ-一가-퟿]+', '\\p{N}'],
    },
    ['deepseek-coder'],
  ],
  [{ patterns: ['[\\p{P}\\$\\+<=>\\^~\\|`]+', gpt2, '[0-9][0-9][0-9]'] }, ['falcon']],
  [words, ['poro-chat', 'bloom', 'gpt3-finnish']],
  [{ patterns: [...words.patterns, '\\p{N}'] }, ['viking']],
  [{ patterns: [o200k('\\p{N}', '')], ignoresMerges: true, addsBos: true }, ['tekken']],
  [o200kWords, ['gpt-4o', 'llama4', 'kanana2']],
  [
    {
      patterns: [
        `'(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]|\\s+(?!\\S)|\\s+`,
      ],
    },
    ['bailingmoe', 'bailingmoe2', 'llada-moe'],
  ],
  [
    {
      patterns: [`${shortForms}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}\\r\\n]+|${newlines}`],
    },
    ['seed-coder'],
  ],
];

const byName: ReadonlyMap<string, PreTokenizer> = new Map(
  families.flatMap(([family, names]) => names.map((name) => [name, family] as const)),
);

/** Names of the pre-tokenizers that Wyvern knows. */
export const preTokenizers: readonly string[] = [...byName.keys()];

export function preTokenizer(name: string): PreTokenizer | undefined {
  return byName.get(name);
}
