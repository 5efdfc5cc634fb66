/** The used parts of @huggingface/jinja, with types: its own declarations do not resolve in Node's modules. */
import * as jinja from '@huggingface/jinja';

/** A value at run time. */
export interface Value {
  type: string;
  value: unknown;
  /** Whether the value is true in Python. */
  __bool__(): { readonly value: unknown };
  toString(): string;
}

/** Names and their values. */
export interface Scope {
  set(name: string, value: unknown): Value;
  lookupVariable(name: string): Value;
}

/** A node of the parser's tree. */
export interface Node {
  readonly type: string;
  readonly [part: string]: unknown;
}

interface UpstreamInterpreter {
  evaluate(node: Node, scope: Scope): Value;
  run(program: Node): Value;
}

interface Upstream {
  readonly Environment: new () => Scope;
  readonly Interpreter: new (scope: Scope) => UpstreamInterpreter;
  readonly parse: (tokens: unknown) => Node;
  readonly tokenize: (
    source: string,
    options: { readonly lstrip_blocks: boolean; readonly trim_blocks: boolean },
  ) => unknown;
}

export const { Environment, Interpreter, parse, tokenize } = jinja as unknown as Upstream;
