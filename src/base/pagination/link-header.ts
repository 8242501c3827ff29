import { failure } from '../errors.js';

const TARGET = /[\s,]*<([^>]*)>/y;
/** `; name`, `; name=token` or `; name="quoted \\" text"`, with blanks wherever RFC 9110 has OWS. */
const PARAMETER = /\s*;\s*(?:([^\s;,="<>]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?)?/y;
const END = /\s*(?:,|$)/y;

/**
 * The target of the first link of a relation in a Link header (RFC 8288, section 3 and appendix B.2): relation types
 * know no case, several may stand in one `rel`, only the first `rel` of a link counts, and a link with an `anchor` is
 * about another page. Null if there is none. A header that cannot be read is E_SOURCE_SHAPE, never the end of a pull.
 */
export function findLink(header: string, relation: string): string | null {
  let at = 0;
  const read = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(header);
    if (found !== null) at = pattern.lastIndex;
    return found;
  };
  while (/[^\s,]/.test(header.slice(at))) {
    const target = read(TARGET)?.[1];
    if (target === undefined) throw unreadable();
    const parameters = new Map<string, string>();
    for (let found = read(PARAMETER); found !== null; found = read(PARAMETER)) {
      const [, name, quoted, token] = found;
      const key = name?.toLowerCase();
      if (key !== undefined && !parameters.has(key)) {
        parameters.set(key, quoted?.replaceAll(/\\(.)/g, '$1') ?? token ?? '');
      }
    }
    if (read(END) === null) throw unreadable();
    // Some servers quote by apostrophes, which are a part of the value by the grammar.
    const relations = (parameters.get('rel') ?? '').replaceAll("'", '').toLowerCase().split(/\s+/);
    if (relations.includes(relation) && !parameters.has('anchor')) return target;
  }
  return null;
}

function unreadable(): Error {
  return failure('E_SOURCE_SHAPE', { expected: 'a Link header that can be read' });
}
