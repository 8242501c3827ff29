import { checkKey } from '../../anonymize/keys.js';
import { makeReceiptKey } from '../../anonymize/receipt-key.js';
import type { Terminal } from '../../base/config/config.js';
import { readCurrentKey } from '../../base/config/current-key.js';
import { findFormerKey, inspectMasterKey, listKeptKeys } from '../../base/config/key.js';
import { formatTable } from '../../base/terminal/table.js';
import { countOf } from '../../base/text/numbers.js';
import { readTombstones } from '../../lake/forgotten-file.js';
import { type KeyRange, listKeyRanges } from '../../lake/key-ranges.js';
import type { Project } from '../../project.js';
import { listReceiptKeys } from '../receipts/receipts.js';

/** A key that is at hand, or that the lake names. */
export interface KeyStatus {
  readonly key_id: string;
  /** 8 hex digits that tell keys of one id apart; null for a key that is not at hand. */
  readonly key_check: string | null;
  /** It masks what lands now. */
  readonly is_current: boolean;
  readonly is_compromised: boolean;
  readonly partitions: number;
  readonly checkpoints: number;
  readonly tombstones: number;
  readonly receipts: number;
  /** Ed25519, of receipts; null for a key that is not at hand. */
  readonly public_key: string | null;
}

/** What `pipeline keys list --json` prints. */
export interface KeysReport {
  readonly keys: readonly KeyStatus[];
  /** Dates of each dataset by key: tokens of different keys do not join. */
  readonly datasets: readonly { readonly dataset: string; readonly ranges: readonly KeyRange[] }[];
}

/** Every key of the lake and of the user. Read-only. @throws E_LAKE_FILE and its like */
export async function listKeys({ config, lake }: Project): Promise<KeysReport> {
  const manifests = await lake.list();
  const { checkpoints } = await lake.listKept();
  const tombstones = await readTombstones(config.lakeDir);
  const receipts = await listReceiptKeys(config.lakeDir);
  const rotations = (await readCurrentKey(config.lakeDir))?.rotations ?? [];
  const current = await inspectMasterKey(config).catch(() => null);
  const kept = await listKeptKeys(config);
  const named = {
    partitions: manifests.flatMap(({ key_id }) => key_id ?? []),
    checkpoints: checkpoints.flatMap(({ keys }) => keys.map(({ key_id }) => key_id)),
    tombstones: tombstones.flatMap(({ groups }) => [...new Set(groups.map(({ key_id }) => key_id))]),
    receipts,
  };
  const ids = new Set([...kept, ...Object.values(named).flat(), ...(current === null ? [] : [current.id])]);
  const keys: KeyStatus[] = [];
  for (const id of [...ids].sort()) {
    const key = current?.id === id ? current : await findFormerKey(config, id);
    const count = (place: keyof typeof named): number => named[place].filter((one) => one === id).length;
    keys.push({
      key_id: id,
      key_check: key === null ? null : checkKey(key),
      is_current: id === (current?.id ?? LOCAL),
      is_compromised: rotations.some(({ from, reason }) => from === id && reason === 'compromised'),
      partitions: count('partitions'),
      checkpoints: count('checkpoints'),
      tombstones: count('tombstones'),
      receipts: count('receipts'),
      public_key: key === null ? null : makeReceiptKey(key).publicKey,
    });
  }
  const datasets = [...new Set(manifests.map(({ dataset }) => dataset))].sort().map((dataset) => {
    return { dataset, ranges: listKeyRanges(manifests.filter((one) => one.dataset === dataset)) };
  });
  return { keys, datasets };
}

/** The id of the key that masks where no other is named. */
const LOCAL = 'local';

/** A table of keys, and which dates join. */
export function formatKeys({ keys, datasets }: KeysReport, terminal: Terminal): string {
  if (keys.length === 0) return 'No key yet: the first run creates a local one, or `pipeline keys new ID`.';
  const head = [
    'key',
    'state',
    'partitions',
    'checkpoints',
    'tombstones',
    'receipts',
    'public key of receipts',
  ];
  const rows = keys.map((key) => [
    key.key_id,
    describeState(key),
    key.partitions,
    key.checkpoints,
    key.tombstones,
    key.receipts,
    key.public_key ?? '',
  ]);
  const split = datasets.filter(({ ranges }) => ranges.length > 1);
  return [
    formatTable(head, rows, { ...terminal, grouped: true }),
    ...split.flatMap(({ dataset, ranges }) => [
      `${dataset}: tokens of different keys do not join`,
      ...ranges.map(
        ({ key_id, from, to, partitions }) =>
          `  ${key_id ?? 'no key'}  ${from} to ${to}, ${countOf(partitions, 'partition')}`,
      ),
    ]),
  ].join('\n');
}

function describeState({ is_current, is_compromised, key_check }: KeyStatus): string {
  const parts = [
    ...(is_current ? ['masks now'] : []),
    ...(is_compromised ? ['compromised'] : []),
    ...(key_check === null ? ['not at hand'] : []),
  ];
  return parts.join(', ') || 'kept';
}
