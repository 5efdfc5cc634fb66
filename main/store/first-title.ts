/** The title of a chat until the model or the person gives it one. */

/** The longest title, in characters. */
export const titleLength = 60;

/** The first line of the first message, cut at a word. */
export function titleOf(text: string): string {
  const line = text.trim().split('\n', 1)[0]?.replaceAll(/\s+/g, ' ') ?? '';
  const characters = [...new Intl.Segmenter().segment(line)].map(({ segment }) => segment);
  if (characters.length <= titleLength) return line;
  const cut = characters.slice(0, titleLength).join('');
  const word = cut.lastIndexOf(' ');
  return `${word > titleLength / 2 ? cut.slice(0, word) : cut}…`;
}
