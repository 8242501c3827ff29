import { countOf } from '../../base/text/numbers.js';
import type { ColumnOrigin, Problem, PublishedTable } from '../data/models.js';
import { type Content, html, type Markup } from '../markup.js';
import { describeProblem } from './layout.js';
import { table } from './table.js';

/** More tables than these are listed closed. */
const OPEN_TABLES = 3;

/** What each published column is made of, back to what has landed and how that was treated. */
export function writeLineage(lineage: readonly PublishedTable[] | Problem): Markup {
  return html`<section>
    <h2>Lineage of published columns</h2>
    <p>
      Read from the SQL of the tables: what a column is made of, and how that was treated before it landed.
    </p>
    ${'code' in lineage ? describeProblem(lineage) : writeTables(lineage)}
  </section>`;
}

function writeTables(tables: readonly PublishedTable[]): Content {
  if (tables.length === 0) return html`<p class="empty">This pipeline has no tables of its own.</p>`;
  return tables.map(
    (each) =>
      html`<details ${tables.length <= OPEN_TABLES && 'open'}>
        <summary>${each.model}, ${countOf(each.columns.length, 'column')}</summary>
        ${table({
          label: `Lineage of ${each.model}`,
          columns: [{ name: 'Column' }, { name: 'Class' }, { name: 'Made of' }],
          rows: each.columns.map((column) => [
            column.column,
            column.class,
            html`${writeOrigins(column.from, column.doubts)}${
              column.exposes !== null &&
              html`<br /><span class="quiet">Shown because ${column.exposes}</span>`
            }`,
          ]),
        })}
        <p class="note">${each.file}${describeRows(each.decides)}</p>
      </details>`,
  );
}

function writeOrigins(from: readonly ColumnOrigin[], doubts: readonly string[]): Content {
  if (from.length === 0 && doubts.length === 0) return 'no column';
  const told = [...doubts, ...from.map(describeOrigin)];
  return told.map((text, index) => html`${index > 0 && html`<br />`}${text}`);
}

function describeOrigin({ landed, treatment, rawOnly }: ColumnOrigin): string {
  const how = treatment === null ? 'the lake’s own' : treatment;
  return `${landed} (${how}${rawOnly ? ', raw only' : ''})`;
}

function describeRows(decides: readonly ColumnOrigin[]): string {
  if (decides.length === 0) return '';
  return `; which rows there are follows from ${decides.map(({ landed }) => landed).join(', ')}`;
}
