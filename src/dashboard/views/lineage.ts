import { countOf } from '../../base/text/numbers.js';
import type { Problem } from '../data/models.js';
import type { ColumnOrigin, PublishedTable } from '../data/privacy-models.js';
import { formatShare } from '../figures.js';
import { type Content, html, type Markup } from '../markup.js';
import { describeProblem } from './layout.js';
import { table } from './table.js';

/** If there are more tables, they are collapsed. */
const OPEN_TABLES = 3;

/** The landed columns that each published column is made of, with their treatments. */
export function writeLineage(lineage: readonly PublishedTable[] | Problem): Markup {
  return html`<section>
    <h2>Lineage of published columns</h2>
    <p>
      Computed from the SQL of the tables: the landed columns that each column is made of, and how they were
      treated before they landed.
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
              html`<br /><span class="quiet">Exposed because ${column.exposes}</span>`
            }`,
          ]),
        })}
        <p class="note">${each.file}${describeUnique(each)}${describeRows(each.decides)}</p>
      </details>`,
  );
}

function describeUnique({ singledOut }: PublishedTable): string {
  return singledOut === null
    ? ''
    : `; ${formatShare(singledOut)} of its rows are unique on the columns it shows`;
}

function writeOrigins(from: readonly ColumnOrigin[], doubts: readonly string[]): Content {
  if (from.length === 0 && doubts.length === 0) return 'no landed column';
  const origins = [...doubts, ...from.map(describeOrigin)];
  return origins.map((text, index) => html`${index > 0 && html`<br />`}${text}`);
}

function describeOrigin({ landed, treatment, rawOnly }: ColumnOrigin): string {
  const how = treatment === null ? 'added by the lake' : treatment;
  return `${landed} (${how}${rawOnly ? ', raw only' : ''})`;
}

function describeRows(decides: readonly ColumnOrigin[]): string {
  if (decides.length === 0) return '';
  return `; rows are selected by ${decides.map(({ landed }) => landed).join(', ')}`;
}
