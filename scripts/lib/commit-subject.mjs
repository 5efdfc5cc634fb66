/** Longest subject, in characters. */
const longestSubject = 72;

/** Imperatives that end as a participle or a third person does. */
const imperatives = new Set(['Embed', 'Shed', 'Focus', 'Bias', 'Canvas', 'Alias']);

/**
 * Says what is wrong with a commit's subject.
 * @param {string} subject The first line of the message.
 * @returns {string | undefined} A clause that follows "the subject"; undefined if the subject is good.
 */
export function subjectFault(subject) {
  const length = [...subject].length;
  if (length > longestSubject) return `has ${length} characters; at most ${longestSubject} are allowed`;
  if (subject.endsWith('.')) return 'ends with a full stop';
  const first = /^[A-Z][a-z]+(?=[ -]|$)/.exec(subject)?.[0];
  if (first === undefined) return 'does not begin with a capitalised verb, such as "Add"';
  return isImperative(first)
    ? undefined
    : `begins with "${first}"; use the imperative, as in "Add", not "Added" or "Adds"`;
}

/** @param {string} word */
function isImperative(word) {
  if (imperatives.has(word)) return true;
  // "Bring" and "String" have no other vowel, "Feed" and "Pass" double theirs or the consonant.
  if (/ing$/.test(word)) return /^[^aeiouy]*ing$/i.test(word);
  if (/ed$/.test(word)) return /eed$/.test(word);
  return !/s$/.test(word) || /ss$/.test(word);
}

/** Messages that Git itself writes: they are rewritten before they land, or name two commits. */
const writtenByGit = /^(?:(?:fixup|squash|amend)! |Merge |Revert ")/;

/** @param {string} subject Whether Git composed this subject. */
export const isWrittenByGit = (subject) => writtenByGit.test(subject);
