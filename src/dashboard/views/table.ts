import { type Content, html, type Markup } from '../markup.js';

export interface Column {
  readonly name: string;
  /** Numbers stand to the right, with digits below digits. */
  readonly isNumber?: boolean;
}

export interface TableInput {
  /** What a screen reader calls it. */
  readonly label: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Content[])[];
  /** Told under the table. */
  readonly note?: string | null;
}

/** A table that scrolls in a frame of its own where it is wider than the page, also by keyboard. */
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

/** The first cell names the row. */
function writeRow(row: readonly Content[], kinds: readonly string[]): Markup {
  return html`<tr>
    ${row.map((cell, index) => {
      const look = [kinds[index], isDated(cell) && 'date', isBrief(cell) && 'brief']
        .filter(Boolean)
        .join(' ');
      return index === 0
        ? html`<th scope="row" class="${look}">${cell}</th>`
        : html`<td class="${look}">${cell}</td>`;
    })}
  </tr>`;
}

/** A date is read in one piece, and never broken at a hyphen. */
function isDated(cell: Content): boolean {
  return /^(?:<a [^>]*>)?\d{4}-\d{2}-\d{2}/.test(String(cell));
}

/** A name is read in one line where its table can be moved sideways. */
const BRIEF = 32;

function isBrief(cell: Content): boolean {
  return typeof cell === 'string' && cell.length <= BRIEF;
}
