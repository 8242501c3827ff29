import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSandbox, type Sandbox } from '../support/cli.js';
import { start } from '../support/kill-harness.js';
import { readEvents } from '../support/openlineage.js';
import { listShipped } from '../support/shipped.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Python of the virtual environment of Airflow, which has the client of OpenLineage. */
function findPython(): string | null {
  const python = join(process.env['AIRFLOW_VENV'] ?? '', 'bin', 'python');
  try {
    if (!existsSync(python)) throw new Error('no Python');
    execFileSync(python, ['-c', 'import openlineage.client'], { stdio: 'ignore' });
    return python;
  } catch {
    if (process.env['REQUIRE_INTEGRATION'] === '1') throw new Error('openlineage-python is not installed');
    console.log('skipped: the client of OpenLineage, since AIRFLOW_VENV has no openlineage-python');
    return null;
  }
}

const python = findPython();

/** Makes each event of the client's own classes, and writes it as the client would send it. */
const SCRIPT = `
import attr, importlib, json, pkgutil, sys, typing, types
from openlineage.client import event_v2, generated
from openlineage.client.serde import Serde

FACETS = {}
for module in pkgutil.iter_modules(generated.__path__):
    space = vars(importlib.import_module(generated.__name__ + "." + module.name))
    for known in space.values():
        if isinstance(known, type) and attr.has(known) and known.__name__.endswith("Facet"):
            FACETS[known._get_schema()] = (known, space)

def build(kind, space, value):
    kind = eval(kind, dict(space)) if isinstance(kind, str) else kind
    if isinstance(kind, (types.UnionType,)) or typing.get_origin(kind) is typing.Union:
        kinds = [one for one in typing.get_args(kind) if one is not type(None)]
        return None if value is None else build(kinds[0], space, value)
    if typing.get_origin(kind) is list:
        return [build(typing.get_args(kind)[0], space, one) for one in value]
    if typing.get_origin(kind) is dict:
        return {name: build(typing.get_args(kind)[1], space, one) for name, one in value.items()}
    if isinstance(kind, type) and attr.has(kind):
        fields = {field.alias: field.type for field in attr.fields(kind)}
        unknown = set(value) - set(fields)
        assert not unknown, (kind, unknown)
        return kind(**{name: build(fields[name], vars(sys.modules[kind.__module__]), one) for name, one in value.items()})
    if kind in (str, int, bool):
        assert type(value) is kind, (kind, value)
    return value

def facets(given):
    made = {}
    for name, facet in (given or {}).items():
        kind, space = FACETS[facet["_schemaURL"]]
        content = {key: value for key, value in facet.items() if not key.startswith("_")}
        made[name] = build(kind, space, content)
        made[name]._producer = facet["_producer"]
    return made

def dataset(kind, given, own):
    more = {own: facets(given[own])} if own in given else {}
    return kind(namespace=given["namespace"], name=given["name"], facets=facets(given.get("facets")), **more)

count = 0
for line in open(sys.argv[1]):
    given = json.loads(line)
    event = event_v2.RunEvent(
        eventType=event_v2.RunState[given["eventType"]],
        eventTime=given["eventTime"],
        producer=given["producer"],
        run=event_v2.Run(given["run"]["runId"], facets(given["run"]["facets"])),
        job=event_v2.Job(given["job"]["namespace"], given["job"]["name"], facets(given["job"]["facets"])),
        inputs=[dataset(event_v2.InputDataset, one, "inputFacets") for one in given["inputs"]],
        outputs=[dataset(event_v2.OutputDataset, one, "outputFacets") for one in given["outputs"]],
    )
    def whole(value):
        if isinstance(value, dict):
            return {key: whole(one) for key, one in value.items() if one not in (None, {}, [])}
        return [whole(one) for one in value] if isinstance(value, list) else value
    written = json.loads(Serde.to_json(event))
    assert whole(written) == whole(given), (written, given)
    count += 1
print(count)
`;

describe.skipIf(python === null)('the client of OpenLineage', () => {
  let sandbox: Sandbox;
  let file: string;

  beforeAll(async () => {
    sandbox = await makeSandbox();
    file = join(sandbox.root, 'events.jsonl');
    for (const folder of ['pipelines', 'sql'])
      await cp(join(ROOT, folder), join(sandbox.project, folder), { recursive: true });
    const variables = { LINEAGE_FILE: file, RECORDS: '200', RETRIES: '0' };
    for (const name of listShipped()) expect((await sandbox.run(['run', name], variables)).exit).toBe(0);
    const failing = ['ingest', 'persons', '--force', '--source', 'http://127.0.0.1:1'];
    expect((await sandbox.run(failing, variables)).exit).toBe(3);
  });
  afterAll(async () => {
    await sandbox.remove();
  });

  it('makes the same events of its own classes', async () => {
    const script = join(sandbox.root, 'events.py');
    await writeFile(script, SCRIPT);
    const { code, stdout, stderr } = await start({ command: python ?? '', args: [script, file] }).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(Number(stdout)).toBe(readEvents(file).length);
  });
});
