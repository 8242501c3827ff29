import { kindOfName } from './name-kinds.js';

/** As programs write names: `order_id`, `orderId`, `ORDER_ID`, `order`, `OrderId`. */
const WRITTEN_BY_PROGRAMS = [
  /^[_$@]?\p{Ll}[\p{L}\p{M}\p{N}_$@:.-]*$/u,
  /^\p{L}[\p{L}\p{N}]*(?:_[\p{L}\p{N}]+)+$/u,
  /^(?!(?:Mc|Mac|De|Di|La|Le|Van|Von)\p{Lu})\p{Lu}[\p{Ll}\p{N}]+(?:\p{Lu}[\p{Ll}\p{N}]+)+$/u,
];

/**
 * Whether most cells of a first line are words that nobody knows as names and no program writes so, such as `Berlin` or
 * `ABC`: they are somebody's data. A word of what is sensitive, such as `HIV`, speaks for neither.
 */
export function isLineOfData(header: readonly string[]): boolean {
  const kinds = header.map((name) => kindOfName([name]));
  const known = kinds.filter((kind) => kind !== null && kind !== 'sensitive').length;
  const strange = header.filter((name, i) => kinds[i] === null && !isWrittenByProgram(name)).length;
  return strange > known;
}

function isWrittenByProgram(name: string): boolean {
  return WRITTEN_BY_PROGRAMS.some((form) => form.test(name));
}
