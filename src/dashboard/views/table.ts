import { type Content, html, type Markup } from '../markup.js';

export interface Column {
  readonly name: string;
  /** Numbers are right-aligned with tabular digits. */
  readonly isNumber?: boolean;
}

export interface TableInput {
  /** Accessible name. */
  readonly label: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Content[])[];
  /** Text under the table. */
  readonly note?: string | null;
}

/** A table that scrolls sideways, also by keyboard, if it is wider than the page. */
export function table({ label, columns, rows, note }: TableInput): Markup {
  const kinds = columns.map(({ isNumber }) => (isNumber === true ? 'num' : 'txt'));
  return html`<div class="scroll" role="group" aria-label="Table: ${label}" tabindex="0">
      <table>
        <thead>
          <tr>
            ${columns.map(({ name }, index) => html`<th scope="col" class="${kinds[index]}">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map((row) => writeRow(row, kinds))}
        </tbody>
      </table>
    </div>
    ${note && html`<p class="note">${note}</p>`}`;
}

/** The first cell is the row header. */
function writeRow(row: readonly Content[], kinds: readonly string[]): Markup {
  return html`<tr>
    ${row.map((cell, index) => {
      const classes = [kinds[index], isDated(cell) && 'date', isBrief(cell) && 'brief']
        .filter(Boolean)
        .join(' ');
      return index === 0
        ? html`<th scope="row" class="${classes}">${cell}</th>`
        : html`<td class="${classes}">${cell}</td>`;
    })}
  </tr>`;
}

/** Dates do not wrap at their hyphens. */
function isDated(cell: Content): boolean {
  return /^(?:<a [^>]*>)?\d{4}-\d{2}-\d{2}/.test(String(cell));
}

/** Texts up to this length do not wrap in a table that scrolls. */
const BRIEF = 32;

function isBrief(cell: Content): boolean {
  return typeof cell === 'string' && cell.length <= BRIEF;
}
