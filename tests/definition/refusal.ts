import { expect } from 'vitest';
import type { ErrorCode } from '../../src/base/errors.js';
import { change, errorOf, load } from './page.js';

/** One change of the page that must be refused. `¦` stands before the place that the error names, not in the page. */
export interface Refusal {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  /** A second change, to make the first one possible. */
  readonly also?: readonly [from: string, to: string];
  readonly says: RegExp;
  readonly fix?: RegExp;
  /** What else is wrong after the change, further down. */
  readonly and?: readonly RegExp[];
  readonly code?: ErrorCode;
  readonly variables?: Readonly<Record<string, string>>;
}

export function expectRefusal({ from, to, also, says, fix, and, code, variables }: Refusal): void {
  const changed = change(from, to);
  const marked = also === undefined ? changed : changed.replace(also[0], () => also[1]);
  const before = marked.slice(0, marked.indexOf('¦')).split('\n');
  expect(marked).toContain('¦');
  const error = errorOf(() => load(marked.replace('¦', ''), variables));
  expect(error.message).toMatch(says);
  expect(error.remedy).toMatch(fix ?? /./);
  expect({ code: error.code, exit: error.exit }).toEqual({ code: code ?? 'E_DEFINITION', exit: 2 });
  // One mistake is one problem: its consequences are not reported as well.
  const others = error.problems.slice(1).map(({ message }) => message);
  expect(others).toEqual((and ?? []).map((text) => expect.stringMatching(text) as unknown));
  const column = (before.at(-1)?.length ?? 0) + 1;
  expect(error.where).toMatchObject({ file: 'pipelines/people.yaml', line: before.length, column });
  expect(JSON.stringify(error) + error.message + error.remedy).not.toContain('canary');
}
