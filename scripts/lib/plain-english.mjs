/**
 * Phrases that docs/style.md bans, as regular expressions. A space matches any white space, also a line break inside a
 * comment. A phrase belongs here only if no good sentence contains it.
 * @type {readonly (readonly [phrase: string, instead: string])[]}
 */
const banned = [
  ['tell(?:s|ing)? (?:[a-z]+ ){0,3}apart', 'distinguish'],
  ['(?:(?:is|are|was|were|be|been|being) )?told apart', 'distinguished'],
  ['(?:is|are|was|were|be|been|being) told', 'name who says it: "the engine reports …", "the message says …"'],
  ['(?:is|are|was|were|be|been|being) looked at', 'say which check runs: "the pre-flight check reads …"'],
  ['not to be had', 'not available, not found'],
  ['(?:can|cannot|could|could not) be had', 'is available'],
  ['nobody can tell', 'say what shows it and what does not'],
  ['go(?:es)? out as', 'is exported as'],
  ['(?:is|was) gone on (?:with|from)', 'continues'],
  ['of it (?:the|is|are|was|were)', 'name the thing'],
  ['what of it', 'name the part'],
  ['what is [a-z]+ is', 'make the thing the subject'],
  ['what (?:[a-z]+ ){1,4}is as', 'make the thing the subject'],
  ['is one not', 'if … not'],
  ['is another\\.', 'say what replaced it'],
];

/** White space, and the sign that a comment or a quote begins its next line with. */
const gap = '\\s+(?:(?:\\*|/{2,3}|#|>)\\s+)?';
const alternatives = banned.map(([phrase]) => `(${phrase.replaceAll(' ', gap)})`).join('|');
/** The group that matched is the phrase's place in `banned`. */
const pattern = new RegExp(`(?<![\\w-])(?:${alternatives})(?![\\w-])`, 'gi');

/**
 * Finds banned phrases in the text of a file.
 * @param {string} text
 * @returns {{ line: number, phrase: string, instead: string }[]} In order; lines count from 1.
 */
export function bannedPhrases(text) {
  return [...text.matchAll(pattern)].map((match) => {
    const [phrase, ...groups] = match;
    const which = groups.findIndex((group) => group !== undefined);
    return {
      line: text.slice(0, match.index).split('\n').length,
      phrase: phrase.replace(new RegExp(gap, 'g'), ' '),
      instead: banned[which]?.[1] ?? '',
    };
  });
}
