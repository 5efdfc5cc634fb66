import { AppFailure, fileNotWritten } from '../failure.ts';
import type { SaveQuestion } from '../strings/save-question.ts';
import { writeAtomically } from './atomic-file.ts';

/** Asks for a path with the system's dialog; undefined if the person cancels. */
export type ChooseSave = (question: SaveQuestion) => Promise<string | undefined>;

/**
 * Writes a file where the person chooses. A file of that name is replaced when the new one is complete.
 * @param pieces called after the choice; an AppFailure of its own is thrown on
 * @returns the path; undefined if the person cancelled
 * @throws AppFailure `file-not-written`
 */
export async function saveFile(
  chooseSave: ChooseSave,
  question: SaveQuestion,
  pieces: () => Iterable<string | Uint8Array>,
): Promise<string | undefined> {
  const path = await chooseSave(question);
  if (path === undefined) return undefined;
  try {
    await writeAtomically(path, pieces());
  } catch (cause) {
    throw cause instanceof AppFailure ? cause : fileNotWritten(cause);
  }
  return path;
}
