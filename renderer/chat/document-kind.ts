import { type DocumentKind, documentKinds } from '../../preload/contract/values.ts';

/** Endings of the same formats. The old ones of Office are sent too, so that the person learns why they cannot be read. */
const otherEndings: Readonly<Record<string, DocumentKind>> = {
  ...{ doc: 'docx', docm: 'docx', dotx: 'docx' },
  ...{ ppt: 'pptx', pptm: 'pptx', ppsx: 'pptx' },
  ...{ xls: 'xlsx', xlsm: 'xlsx' },
  ...{ htm: 'html', xhtml: 'html' },
};

/** @returns undefined for the name of a file that is no document, such as a text file */
export function documentKindOf(name: string): DocumentKind | undefined {
  const ending = /\.([a-z]+)$/.exec(name.toLowerCase())?.[1] ?? '';
  return documentKinds.find((kind) => kind === ending) ?? otherEndings[ending];
}
