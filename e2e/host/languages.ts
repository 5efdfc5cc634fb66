/**
 * The languages of the system's locale, most wanted first, as tags: on Linux by the variables that GLib reads, each followed
 * by its language without a country.
 */
export function preferredLanguages(env: NodeJS.ProcessEnv): string[] {
  const chosen = [env['LANGUAGE'], env['LC_ALL'], env['LC_MESSAGES'], env['LANG']].find(Boolean) ?? '';
  const tags = chosen
    .split(':')
    .map((locale) => locale.replace(/[.@].*$/, '').replaceAll('_', '-'))
    .filter((tag) => tag !== '' && tag !== 'C' && tag !== 'POSIX');
  if (tags.length === 0) return [Intl.DateTimeFormat().resolvedOptions().locale];
  return [...new Set(tags.flatMap((tag) => [tag, tag.split('-')[0] ?? tag]))];
}
