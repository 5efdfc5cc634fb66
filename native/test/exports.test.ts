import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { addon } from './addon.ts';

/** Reads the names of values in `index.d.ts`, with the members of each class. */
function declared(): Record<string, unknown> {
  const path = fileURLToPath(new URL('../index.d.ts', import.meta.url));
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest);
  const names: Record<string, unknown> = {};
  source.forEachChild((node) => {
    if (ts.isFunctionDeclaration(node) && node.name) names[node.name.text] = 'function';
    if (ts.isClassDeclaration(node) && node.name) names[node.name.text] = declaredMembers(node, source);
  });
  return names;
}

function declaredMembers(node: ts.ClassDeclaration, source: ts.SourceFile): Record<string, string> {
  const members: Record<string, string> = {};
  for (const member of node.members) {
    if (member.name === undefined) continue;
    const isStatic =
      ts.canHaveModifiers(member) && member.modifiers?.some((m) => m.kind === ts.SyntaxKind.StaticKeyword);
    const kind = ts.isMethodDeclaration(member) ? 'method' : 'property';
    members[`${isStatic === true ? 'static ' : ''}${member.name.getText(source)}`] = kind;
  }
  return members;
}

/** Reads the same names from the binary's exports. */
function exported(): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(addon).map(([name, value]) => [name, /^[A-Z]/.test(name) ? exportedMembers(value) : typeof value]),
  );
}

function exportedMembers(constructor: unknown): Record<string, string> {
  const own = (of: unknown, prefix: string, hidden: readonly string[]): [string, string][] =>
    Object.entries(Object.getOwnPropertyDescriptors(of))
      .filter(([name]) => !hidden.includes(name))
      .map(([name, descriptor]) => [prefix + name, 'value' in descriptor ? 'method' : 'property']);
  const prototype: unknown = Reflect.get(constructor as object, 'prototype');
  return Object.fromEntries([
    ...own(constructor, 'static ', ['length', 'name', 'prototype', 'arguments', 'caller']),
    ...own(prototype, '', ['constructor']),
  ]);
}

test('index.d.ts declares exactly the addon’s exports', () => {
  expect(exported()).toEqual(declared());
});

/** The codes of `NativeErrorCode`, in order. */
function declaredCodes(): readonly string[] {
  const text = readFileSync(new URL('../index.d.ts', import.meta.url), 'utf8');
  const [, union = ''] = /export type NativeErrorCode =([^;]*);/.exec(text) ?? [];
  return [...union.matchAll(/'([a-z-]+)'/g)].map(([, code = '']) => code);
}

test('index.d.ts and failure.h have the same failure codes', () => {
  const text = readFileSync(new URL('../failure.h', import.meta.url), 'utf8');
  const [, members = ''] = /enum class FailureCode \{([^}]*)\}/.exec(text) ?? [];
  const cpp = [...members.matchAll(/^\s*(\w+),$/gm)].map(([, name = '']) => name.replaceAll('_', '-'));
  const names = [...text.matchAll(/case FailureCode::\w+:\s*return "([a-z-]+)";/g)].map(([, name = '']) => name);
  expect(declaredCodes().length).toBeGreaterThan(10);
  expect(cpp).toEqual(declaredCodes());
  expect(names).toEqual(declaredCodes());
});

test('the runtime has the release that the app expects', () => {
  expect(addon.runtimeInfo()).toMatchObject({
    executorch: '1.5.0',
    sentencepiece: '0.2.3',
    backends: expect.arrayContaining(['XnnpackBackend']) as unknown,
    ownOperators: expect.arrayContaining(['llama::custom_sdpa.out', 'llama::update_cache.out']) as unknown,
    threads: expect.toSatisfy((threads: number) => threads >= 1) as unknown,
  });
});

test('missingOperators names each operator without a kernel once', () => {
  const known = ['aten::add.out', 'llama::custom_sdpa.out', 'quantized_decomposed::embedding_byte.dtype_out'];
  const unknown = ['torchao::linear.out', 'aten::add', ''];
  expect(addon.missingOperators(known)).toEqual([]);
  expect(addon.missingOperators([...unknown, ...known, ...unknown])).toEqual(unknown);
  for (const wrong of [undefined, 'aten::add.out', [1]]) {
    expect(() => addon.missingOperators(wrong as never)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
  }
});
