/**
 * What is linked into the native libraries, or lies in a package beside them, without npm knowing of it. Texts are those of their
 * sources (`texts/`).
 *
 * @typedef {object} Part
 * @property {string} name
 * @property {string} [version] Where the release of ExecuTorch does not decide it.
 * @property {string} license SPDX identifier.
 * @property {string} source Where its source is.
 * @property {string} text File in `texts/`.
 * @property {string} [copyright] Where the licence's text does not carry it.
 */

/** @type {readonly Part[]} */
export const nativeParts = [
  {
    name: 'ExecuTorch',
    license: 'BSD-3-Clause',
    source: 'https://github.com/pytorch/executorch',
    text: 'executorch.txt',
  },
  {
    name: 'PyTorch (c10 headers)',
    license: 'BSD-3-Clause',
    source: 'https://github.com/pytorch/pytorch',
    text: 'pytorch.txt',
  },
  { name: 'XNNPACK', license: 'BSD-3-Clause', source: 'https://github.com/google/XNNPACK', text: 'xnnpack.txt' },
  { name: 'cpuinfo', license: 'BSD-2-Clause', source: 'https://github.com/pytorch/cpuinfo', text: 'cpuinfo.txt' },
  { name: 'clog', license: 'BSD-2-Clause', source: 'https://github.com/pytorch/cpuinfo', text: 'clog.txt' },
  {
    name: 'pthreadpool',
    license: 'BSD-2-Clause',
    source: 'https://github.com/google/pthreadpool',
    text: 'pthreadpool.txt',
  },
  { name: 'FXdiv', license: 'MIT', source: 'https://github.com/Maratyszcza/FXdiv', text: 'fxdiv.txt' },
  { name: 'FP16', license: 'MIT', source: 'https://github.com/Maratyszcza/FP16', text: 'fp16.txt' },
  {
    name: 'KleidiAI',
    license: 'Apache-2.0',
    source: 'https://gitlab.arm.com/kleidi/kleidiai',
    text: 'apache-2.0.txt',
    copyright: 'Copyright Arm Limited and/or its affiliates',
  },
  {
    name: 'FlatBuffers',
    license: 'Apache-2.0',
    source: 'https://github.com/google/flatbuffers',
    text: 'apache-2.0.txt',
    copyright: 'Copyright Google Inc.',
  },
  {
    name: 'Eigen',
    license: 'MPL-2.0',
    source: 'https://gitlab.com/libeigen/eigen',
    text: 'mpl-2.0.txt',
    copyright: 'Copyright the Eigen authors. Its source, which was not changed, is at the address above.',
  },
  {
    name: 'SentencePiece',
    version: '0.2.3',
    license: 'Apache-2.0',
    source: 'https://github.com/google/sentencepiece',
    text: 'apache-2.0.txt',
    copyright: 'Copyright 2016 Google Inc.',
  },
  {
    name: 'Darts-clone',
    version: '0.32',
    license: 'BSD-2-Clause',
    source: 'https://github.com/s-yata/darts-clone',
    text: 'darts-clone.txt',
  },
  {
    name: 'Protocol Buffers (lite)',
    version: '35.1',
    license: 'BSD-3-Clause',
    source: 'https://github.com/protocolbuffers/protobuf',
    text: 'protobuf.txt',
  },
  {
    name: 'utf8_range',
    license: 'MIT',
    source: 'https://github.com/protocolbuffers/utf8_range',
    text: 'utf8-range.txt',
  },
  {
    name: 'Abseil',
    version: '20260526',
    license: 'Apache-2.0',
    source: 'https://github.com/abseil/abseil-cpp',
    text: 'apache-2.0.txt',
    copyright: 'Copyright The Abseil Authors',
  },
  {
    name: 'SmolLM2-135M-Instruct (model)',
    license: 'Apache-2.0',
    source: 'https://huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct',
    text: 'apache-2.0.txt',
    copyright: 'Copyright Hugging Face',
  },
];

/** Packages that only tests or builds name as theirs, of which a part is in the app all the same. */
export const bundledDevPackages = ['tailwindcss', 'node-addon-api', 'node-api-headers'];

/**
 * Packages that say which licence they have but carry no text: it is that of another package of their authors.
 * @type {Readonly<Record<string, string>>}
 */
export const textsElsewhere = {
  'react-remove-scroll-bar': 'react-remove-scroll',
  '@tokenizer/token': 'strtok3',
};
