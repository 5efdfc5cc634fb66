/** Packages of Debian 13, unpacked into a folder. Nothing is installed. */
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../lib/failure.mjs';

const suite = 'trixie';
/** Names of suites by which apt's own list shows that a mirror carries Debian. */
const debianSuites = ['bullseye', 'bookworm', suite, 'forky', 'sid', 'stable', 'testing', 'unstable'];
const keyrings = ['pgp', 'gpg'].map((ending) => `/usr/share/keyrings/debian-archive-keyring.${ending}`);
/** Texts for people, which no program reads. */
const unread = ['doc', 'man', 'info', 'locale', 'lintian', 'bug', 'help'];

/**
 * Returns the mirror in this machine's package sources that carries Debian.
 * @param {string} targets As `apt-get indextargets --format '$(REPO_URI) $(RELEASE)'` prints them.
 * @returns {string | undefined}
 */
export function debianMirror(targets) {
  const lines = targets.split('\n').map((line) => line.trim().split(' '));
  return lines.find(([, release = '']) => debianSuites.includes(release))?.[0];
}

/**
 * @param {object} wish
 * @param {readonly string[]} wish.packages With everything that they depend on.
 * @param {'amd64' | 'arm64'} wish.architecture
 * @param {string} wish.folder An existing folder. It gets `root`, the unpacked files.
 * @param {Pick<import('../setup/stage.mjs').Context, 'run' | 'note'>} context
 * @throws {Failure}
 */
export async function unpackDebianPackages({ packages, architecture, folder }, { run, note }) {
  const listed = await run('apt-get', ['indextargets', '--format', '$(REPO_URI) $(RELEASE)'], {
    what: 'Reading this machine’s package sources',
    hint: 'The tests for Windows unpack Wine from Debian’s packages. Run them on Debian, or in a container of Debian.',
  });
  const mirror = debianMirror(listed);
  const keyring = keyrings.find((path) => existsSync(path));
  if (mirror === undefined || keyring === undefined) {
    throw new Failure('This machine’s package sources are not Debian’s, and Wine is unpacked from Debian’s packages.', {
      hint: 'Run the tests for Windows on Debian, or in a container of Debian.',
    });
  }
  const apt = join(folder, 'apt');
  const archives = join(apt, 'cache', 'archives');
  for (const path of [join(apt, 'etc'), join(apt, 'lists', 'partial'), join(archives, 'partial')]) {
    mkdirSync(path, { recursive: true });
  }
  writeFileSync(join(apt, 'status'), '');
  writeFileSync(join(apt, 'etc', 'sources.list'), `deb [signed-by=${keyring}] ${mirror} ${suite} main\n`);
  const own = {
    'Dir::Etc': join(apt, 'etc'),
    'Dir::State': apt,
    'Dir::State::Lists': join(apt, 'lists'),
    'Dir::State::Status': join(apt, 'status'),
    'Dir::Cache': join(apt, 'cache'),
    'Dir::Log': apt,
    'APT::Architecture': architecture,
    'APT::Architectures': architecture,
  };
  const options = Object.entries(own).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const hint = 'If the lines above report a network error, check the network, then run the same command again.';
  const what = `Downloading Debian’s packages (${packages.join(', ')})`;
  await run('apt-get', [...options, 'update'], { what, hint });
  const install = ['install', '-y', '--no-install-recommends', '--download-only', ...packages];
  await run('apt-get', [...options, ...install], { what, hint });

  const root = join(folder, 'root');
  mkdirSync(join(root, 'usr'), { recursive: true });
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    mkdirSync(join(root, 'usr', name), { recursive: true });
    symlinkSync(`usr/${name}`, join(root, name));
  }
  const files = readdirSync(archives).filter((name) => name.endsWith('.deb'));
  for (const [index, name] of files.entries()) {
    note(`${index + 1}/${files.length}`);
    await run('dpkg-deb', ['--extract', join(archives, name), root], { what: `Unpacking ${name}` });
  }
  for (const name of unread) rmSync(join(root, 'usr', 'share', name), { recursive: true, force: true });
  rmSync(apt, { recursive: true });
}
