import { countOf, formatCount } from '../../base/text/numbers.js';
import type { ColumnDecision, DatasetDecisions, PrivacyModel, ProofLine } from '../data/models.js';
import { describeVerdict, formatShare } from '../figures.js';
import { type Content, html, type Markup } from '../markup.js';
import { pickPipeline, type Surroundings, type View } from './layout.js';
import { writeLineage } from './lineage.js';
import type { Place } from './links.js';
import { keepLines } from './pipeline.js';
import { listRuns } from './runs.js';
import { table } from './table.js';

/** Each part of the page; more of them are more lines here. */
const SECTIONS: readonly ((model: PrivacyModel, place: Place) => Content)[] = [
  writeSingledOut,
  (model) => model.datasets.map(writeDecisions),
  ({ lineage }) => writeLineage(lineage),
  writeProofs,
  writeKeys,
];

/** What is decided of each field and what that still reveals, and how the lake has kept to it. */
export function privacyPage(model: PrivacyModel, place: Place, around: Surroundings): View {
  const { pipeline, file } = model;
  const body = html`${pickPipeline(around, place, (name) => ({ page: 'privacy', pipeline: name }))}
    <h1>Privacy of ${pipeline}</h1>
    <p class="lead">
      Masked is not anonymous: beside each field stands what it still reveals. Decided in
      <code>${file}</code>.
    </p>
    ${SECTIONS.map((write) => write(model, place))}`;
  return { title: `Privacy of ${pipeline}`, section: 'privacy', body };
}

/** The newest figure of each dataset that has one. */
function writeSingledOut({ proofs }: PrivacyModel): Content {
  const newest = new Map<string, ProofLine>();
  for (const proof of proofs) {
    if (proof.singledOut !== null && !newest.has(proof.dataset)) newest.set(proof.dataset, proof);
  }
  if (newest.size === 0) return null;
  return html`<section class="tiles">
    ${[...newest.values()].map(
      ({ dataset, date, singledOut }) =>
        html`<div class="tile">
          <p class="number">${formatShare(singledOut ?? 0)}</p>
          <p class="note">
            of the people in the raw zone of ${dataset} are singled out by what is kept there (${date})
          </p>
        </div>`,
    )}
  </section>`;
}

function writeDecisions({ dataset, columns, dropped, sql, caveats }: DatasetDecisions): Markup {
  return html`<section>
    <h2>Fields of ${dataset}</h2>
    ${table({
      label: `Decision for each field of ${dataset}`,
      columns: [
        { name: 'Column' },
        { name: 'Made of' },
        { name: 'Class' },
        { name: 'Treatment' },
        { name: 'Still reveals' },
      ],
      rows: columns.map((column) => [
        column.column,
        column.from.join(', '),
        column.class,
        describeTreatment(column),
        html`${column.reveals}${
          column.reviewed !== null && html`<br /><span class="quiet">Reviewed: ${column.reviewed}</span>`
        }`,
      ]),
    })}
    ${
      dropped.length > 0 &&
      html`<p>
        <strong>Lands nowhere:</strong>
        ${dropped.map(({ path, class: kind }) => `${path} (${kind})`).join(', ')}.
      </p>`
    }
    ${
      caveats.length > 0 &&
      html`<ul class="reasons">
        ${caveats.map((caveat) => html`<li>${caveat}.</li>`)}
      </ul>`
    }
    <details>
      <summary>The statement that masks</summary>
      <pre
        tabindex="0"
        role="group"
        aria-label="SQL that masks ${dataset}"
      ><code>${keepLines(sql)}</code></pre>
    </details>
  </section>`;
}

function describeTreatment({ treatment, params }: ColumnDecision): string {
  const given = Object.entries(params).flatMap(([name, value]) =>
    describeParam(name.replaceAll('_', ' '), value),
  );
  return given.length === 0 ? treatment : `${treatment} (${given.join(', ')})`;
}

/** What is off, nothing or an empty list says nothing. */
function describeParam(name: string, value: unknown): string[] {
  if (value === null || value === false || value === 0) return [];
  if (value === true) return [name];
  if (Array.isArray(value)) return value.length === 0 ? [] : [`${name} ${value.map(String).join(', ')}`];
  return [`${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`];
}

function writeProofs({ proofs, proofTotal, refusals }: PrivacyModel, place: Place): Markup {
  const rest = proofTotal - proofs.length;
  return html`<section>
    <h2>Shape and custody by date</h2>
    <p>
      Before a date lands, every cell must have its treatment’s shape, and the sums of each column must equal
      those of the masking room. What is listed here passed both; one miss, and nothing lands.
    </p>
    ${
      proofs.length === 0
        ? html`<p class="empty">Nothing has landed yet.</p>`
        : table({
            label: 'Shape and custody by date',
            columns: [
              { name: 'Date' },
              { name: 'Dataset' },
              { name: 'Rows', isNumber: true },
              { name: 'Shape' },
              { name: 'Custody' },
              { name: 'Singled out', isNumber: true },
            ],
            rows: proofs.map(writeProof),
            note: rest > 0 ? `And ${countOf(rest, 'older partition')}.` : null,
          })
    }
    ${
      refusals.length > 0 &&
      html`<h3>Stopped by a proof</h3>
        ${listRuns(refusals, place)}`
    }
  </section>`;
}

function writeProof({ date, slot, dataset, rows, columns, adopted, singledOut }: ProofLine): Content[] {
  return [
    slot === null ? date : `${date}T${slot}`,
    dataset,
    formatCount(rows),
    describeVerdict('good', `Held, ${countOf(columns, 'column')}`),
    adopted ? describeVerdict('none', 'Adopted: not from our masking room') : describeVerdict('good', 'Held'),
    singledOut === null ? '–' : formatShare(singledOut),
  ];
}

function writeKeys({ keys }: PrivacyModel): Markup {
  return html`<section>
    <h2>Keys</h2>
    ${
      keys.length === 0
        ? html`<p class="empty">No partition was made with a key.</p>`
        : table({
            label: 'Keys',
            columns: [
              { name: 'Key id' },
              { name: 'Datasets' },
              { name: 'From' },
              { name: 'To' },
              { name: 'Partitions', isNumber: true },
            ],
            rows: keys.map(({ id, datasets, from, to, partitions }) => [
              html`<code>${id}</code>`,
              datasets.join(', '),
              from,
              to,
              formatCount(partitions),
            ]),
            note: 'A key is known by its id; the key itself is in no file of the lake.',
          })
    }
  </section>`;
}
