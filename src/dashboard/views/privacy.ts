import { countOf, formatCount } from '../../base/text/numbers.js';
import type { ColumnDecision, DatasetDecisions, PrivacyModel, ProofLine } from '../data/privacy-models.js';
import { describeVerdict, formatShare } from '../figures.js';
import { type Content, html, type Markup } from '../markup.js';
import { pickPipeline, type Surroundings, type View } from './layout.js';
import { writeLineage } from './lineage.js';
import type { Place } from './links.js';
import { keepLines } from './pipeline.js';
import { writeReleases } from './releases.js';
import { listRuns } from './runs.js';
import { table } from './table.js';

/** The sections of the view, in order. */
const SECTIONS: readonly ((model: PrivacyModel, place: Place) => Promise<Content> | Content)[] = [
  ({ releases }) => writeReleases(releases),
  writeSingledOut,
  (model) => model.datasets.map(writeDecisions),
  ({ lineage }) => writeLineage(lineage),
  writeProofs,
  writeKeys,
];

/** The decision for each field, what the result still reveals, and the checks of each landed date. */
export async function privacyView(model: PrivacyModel, place: Place, around: Surroundings): Promise<View> {
  const { pipeline, file } = model;
  const sections: Content[] = [];
  for (const write of SECTIONS) sections.push(await write(model, place));
  const body = html`${pickPipeline(around, place, (name) => ({ view: 'privacy', pipeline: name }))}
    <h1>Privacy of ${pipeline}</h1>
    <p class="lead">
      Masked data is not anonymous. Each field lists what it still reveals. The decisions are made in
      <code>${file}</code>.
    </p>
    ${sections}`;
  return { title: `Privacy of ${pipeline}`, section: 'privacy', body };
}

/** The newest re-identification risk of each dataset that has one. */
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
            of the rows in the raw zone of ${dataset} are unique on the kept columns (${date})
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
        <strong>Dropped:</strong>
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
      <summary>Masking SQL</summary>
      <pre
        tabindex="0"
        role="group"
        aria-label="Masking SQL of ${dataset}"
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

/** Parameters that are off, zero or empty are left out. */
function describeParam(name: string, value: unknown): string[] {
  if (value === null || value === false || value === 0) return [];
  if (value === true) return [name];
  if (Array.isArray(value)) return value.length === 0 ? [] : [`${name} ${value.map(String).join(', ')}`];
  return [`${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`];
}

function writeProofs({ proofs, proofTotal, refusals }: PrivacyModel, place: Place): Markup {
  const rest = proofTotal - proofs.length;
  return html`<section>
    <h2>Shape and control totals by date</h2>
    <p>
      Before a date lands, every cell must match the shape of its treatment, and the control totals of each
      column (its custody) must equal those computed in the safe room. A single mismatch stops the run, and
      nothing lands. The partitions below passed both checks.
    </p>
    ${
      proofs.length === 0
        ? html`<p class="empty">Nothing has landed yet.</p>`
        : table({
            label: 'Shape and control totals by date',
            columns: [
              { name: 'Date' },
              { name: 'Dataset' },
              { name: 'Rows', isNumber: true },
              { name: 'Shape' },
              { name: 'Control totals' },
              { name: 'Unique rows', isNumber: true },
            ],
            rows: proofs.map(writeProof),
            note: rest > 0 ? `${countOf(rest, 'older partition')} not listed.` : null,
          })
    }
    ${
      refusals.length > 0 &&
      html`<h3>Runs stopped by a failed check</h3>
        ${listRuns(refusals, place)}`
    }
  </section>`;
}

function writeProof({ date, slot, dataset, rows, columns, adopted, singledOut }: ProofLine): Content[] {
  return [
    slot === null ? date : `${date}T${slot}`,
    dataset,
    formatCount(rows),
    describeVerdict('good', `Passed, ${countOf(columns, 'column')}`),
    adopted ? describeVerdict('none', 'Adopted: not masked here') : describeVerdict('good', 'Passed'),
    singledOut === null ? '–' : formatShare(singledOut),
  ];
}

function writeKeys({ keys }: PrivacyModel): Markup {
  return html`<section>
    <h2>Keys</h2>
    ${
      keys.length === 0
        ? html`<p class="empty">No partition uses a key.</p>`
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
            note: 'Keys are identified by their id. The key itself is never written to the lake.',
          })
    }
  </section>`;
}
