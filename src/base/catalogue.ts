/**
 * Everything that can go wrong: one entry a code. Facts are numbers, and names that the definition, the command line
 * or this file holds; never a value of a record.
 */

/** `[exit code, what happened, what to type next]`; `{name}` is filled from the facts. */
type Entry = readonly [exit: 1 | 2 | 3 | 4 | 5 | 6 | 130 | 143, message: string, remedy: string];

export const CATALOGUE = {
  // 1: a defect of ours
  E_DEFECT: [1, '{name} was thrown{at}', 'this is a defect of Lakeveil: report it with the lines above'],
  E_SAFE_ROOM: [
    1,
    'the safe room did not take the setting {setting}',
    'report it with `pipeline doctor --json`',
  ],
  E_MASK: [
    1,
    'the masking statement of {dataset} failed ({kind})',
    'run `pipeline explain` and report the SQL that it prints',
  ],
  E_MEMORY: [
    6,
    'the masking room ran out of its memory ({limit_mb} MB)',
    'lower `concurrency` or the page size in the definition',
  ],
  E_LAND: [
    1,
    'joining the masked segments of {dataset} failed ({kind})',
    'run again; if it returns, report it with the ledger file of the run',
  ],
  E_CUSTODY: [
    1,
    'column {column} of {dataset} is not what the safe room wrote',
    'run again; if it returns, check the disk and report it',
  ],
  E_COUNTS: [
    1,
    '{dataset}: {fetched} fetched, but {accounted} accounted for',
    'report it with the ledger file of the run',
  ],

  // 2: usage, definition, configuration
  E_USAGE: [2, '{what}', '{hint}'],
  E_NAME: [
    2,
    '{kind} names match [a-z][a-z0-9_]{0,62}; this one does not',
    'use lower-case letters, digits and underscores',
  ],
  E_RUN_ID: [2, 'that is not the id of a run', '`pipeline runs --json` lists them'],
  E_UNKNOWN: [2, 'there is no {kind} of that name', 'there is: {known}'],
  E_DATE: [2, 'not a date of the form YYYY-MM-DD', 'for example `--date {example}`'],
  E_DATE_FUTURE: [2, '{date} is later than tomorrow (UTC)', 'give an earlier date, or `--allow-future`'],
  E_DATE_SNAPSHOT: [
    2,
    'dataset {dataset} is a snapshot of today; {date} cannot be fetched any more',
    'say `--as-of-now` to take today’s state for that date, or fetch today alone',
  ],
  E_SLOT: [2, 'pipeline {pipeline} does not land by the hour', 'leave the hour out: `--date {date}`'],
  E_SLOT_MISSING: [
    2,
    'dataset {dataset} lands by the hour, and {date} is not today',
    'name the hour: `--date {date}T00` to `--date {date}T23`',
  ],
  E_TAKEN: [2, '{path} {what}', '{fix}'],
  E_DEFINITION: [2, '{problem}', '{fix}'],
  E_PATTERN: [
    2,
    'the pattern of {path} does not compile in RE2',
    'use no look-around, back-references or repeats above 1,000',
  ],
  E_ENV_MISSING: [2, 'variable {name} is not set; looked in {places}', 'set it, or add `{name}=…` to .env'],
  E_ENV_INVALID: [2, 'variable {name} must be {wants}', 'correct it in the environment or in .env'],
  E_URL: [2, 'a URL on the command line may not carry {part}', 'set it in the environment as {variable}'],
  E_SAMPLE_URL: [
    2,
    'the address of a sample may not carry {part}',
    'save one answer to a file and give `--from FILE`; then set `query` or `headers` of the draft from a variable',
  ],
  E_KEY_MISSING: [
    2,
    'no token key for a source that is not on this machine',
    'set TOKEN_KEY (`openssl rand -base64 32`), or ALLOW_LOCAL_KEY=1',
  ],
  E_KEY_INVALID: [
    2,
    'the token key from {origin} is not usable: {why}',
    '`openssl rand -base64 32` makes a good one',
  ],
  E_KEY_CHANGED: [
    2,
    'key id {key_id} belongs to another key: partition {partition} was made with it',
    'set the old key, or give the new one a TOKEN_KEY_ID of its own',
  ],
  E_FLAG_PROCESS: [
    2,
    'Node was started with {flag}, which can write raw values to a file or a socket',
    'start again without {flag}',
  ],
  E_PLAIN_HTTP: [
    2,
    '{origin} is not on this machine and not https',
    'use https, or say `allow_http: true` in the definition',
  ],
  E_EMBEDDED_OVER_REAL: [
    2,
    '{date} of {dataset} holds real data; the embedded server would replace it',
    'give another date, or `--force`',
  ],
  E_PRUNED: [2, '{date} of {dataset} is pruned: its raw files before {before} are gone on purpose', '{fix}'],
  E_PRUNE_REFUSED: [
    2,
    '{model} would lose rows that only the raw files can tell: {reason}',
    'change the model, or prune another pipeline or zone; nothing was removed',
  ],
  E_TOKEN_FILE: [
    2,
    'the token file {path} is not usable: {why}',
    'put one line of 32 characters or more into it, for its owner alone: `(umask 077; openssl rand -hex 32 > FILE)`',
  ],
  E_OUT_DIR: [2, 'exports cannot go into {place}', 'name another folder with `--out`'],
  E_EXPORT_RAW: [
    2,
    '{table} is a restricted raw zone and is not exported or queried',
    'use a table of silver or gold',
  ],
  E_EXPORT_TOKENS: [
    2,
    '{table} holds tokens ({columns})',
    'add `--with-tokens` if whoever gets the file may join on them',
  ],
  E_QUERY: [
    2,
    '{problem}',
    'one SELECT on the tables that `pipeline query "show all tables"` lists; no table functions',
  ],
  E_MODEL: [2, '{problem}', '{fix}'],
  E_LINEAGE: [2, '{problem}', '{fix}'],
  E_NOT_LANDED: [
    2,
    'nothing has landed for {pipeline}{date}',
    'run `pipeline run {pipeline}{date_flag}` first',
  ],
  E_NOT_BUILT: [2, '{date} of {pipeline} is not in the tables', '`pipeline transform {pipeline}` first'],
  E_NO_WAREHOUSE: [2, 'there is no warehouse yet', 'run `pipeline run`, or `pipeline transform --all`'],
  E_ADOPT: [
    2,
    'the file cannot be adopted: {why}',
    'columns must bear the names and types that `pipeline explain {pipeline}` lists',
  ],

  // 3: the source
  E_SOURCE_CONNECT: [
    3,
    'no answer from the source ({kind})',
    'check that it runs and can be reached, then run again',
  ],
  E_SOURCE_STATUS: [
    3,
    'the source answered {status}',
    'see the documentation of the API; run again when it is well',
  ],
  E_SOURCE_TOKEN: [
    3,
    'no token was given ({kind})',
    'check `source.auth` of the page, and the variables behind it',
  ],
  E_SOURCE_TIMEOUT: [
    3,
    'the page was not complete after {timeout_ms} ms',
    'raise `timeout`, or lower the page size',
  ],
  E_SOURCE_BODY: [3, 'the body broke off or could not be decoded ({kind})', 'run again'],
  E_SOURCE_TOO_LARGE: [
    3,
    'the body is larger than {limit_bytes} bytes when decoded',
    'lower the page size, or raise `max_response`',
  ],
  E_SOURCE_NOT_JSON: [
    3,
    'the answer is not JSON',
    'check `base_url` and `path`; a login page or a proxy may stand in between',
  ],
  E_SOURCE_NOT_CSV: [
    3,
    'the answer is not CSV with a header line ({kind})',
    'check `format` and `path`; a login page or a proxy may stand in between',
  ],
  E_SOURCE_SHAPE: [
    3,
    'the answer does not have {expected}',
    'check `records` and `pagination` against what the API sends',
  ],
  E_DRAFT: [3, 'no draft can be made of the sample: {why}', '{fix}'],
  E_SOURCE_STRUCTURE: [
    3,
    'the answer nests or repeats far beyond the contract ({kind})',
    'check what the API sends; the limits are in docs/pipelines.md',
  ],
  E_SOURCE_REDIRECT: [
    3,
    'the source points to another place ({kind})',
    'set `base_url` to where the API lives',
  ],
  E_SOURCE_RETRY_AFTER: [3, 'the source asks to wait {seconds} s', 'run again after that'],
  E_EMBEDDED: [
    3,
    'the embedded server is not there ({kind})',
    'run again; `pipeline fake-api` shows it alone',
  ],
  E_SOURCE_MORE: [
    3,
    'the last page says that there is more: `{sign}`',
    'correct `pagination`, or add `ignore_more: "<why>"` to the request if the source is wrong',
  ],
  E_SOURCE_ERROR: [
    3,
    'the source answered with status 200 and an error: `{sign}`, and no records',
    'check the request with the source; name other fields with `error_path` and `ok_path`',
  ],
  E_FEWER_ROWS: [
    4,
    '{date} has {landed} rows of {dataset} landed, and this pull has {got}',
    'check the source; land them all the same with `--force`, or raise `max_drop` of the dataset',
  ],
  E_SHORT_PULL: [
    3,
    'asked for {asked} records, got {got}',
    'run again; a source that has fewer needs a smaller total',
  ],
  E_SOURCE_ENDLESS: [
    3,
    'the source repeats itself ({kind})',
    'check `pagination` against what the API sends',
  ],
  E_SOURCE_CAP: [3, 'the pull went beyond {cap} {unit}', 'raise the limit in `source` if that is meant'],
  E_SOURCE_SLOW_CHECK: [
    3,
    'checking the records takes too long: {count} of them defeat the pattern of a leaf',
    'simplify the pattern',
  ],

  // 4: contract and quality
  E_REJECTED: [
    4,
    '{rejected} of {fetched} records of {dataset} were refused, more than the {allowed} that max_rejected allows: {reasons}',
    'mend the contract or the source; `pipeline runs --json` keeps the counts',
  ],
  E_FROZEN: [
    4,
    '{dataset} has {count} records with fields that a frozen contract does not name',
    'add them to the contract, or set on_unknown_field',
  ],
  E_DUPLICATES: [
    4,
    '{dataset} holds {count} records whose key was met before, and on_duplicate is fail',
    'set on_duplicate, or mend the source',
  ],
  E_SQL_RUN: [4, '{name} failed while it ran ({kind})', 'see its SQL in {file}, and the rows that it reads'],
  E_TEST_FAILED: [
    4,
    '{failed} of {total} model tests failed',
    'compare the rows above; mend the model or what its test expects',
  ],
  E_CHECK_FAILED: [
    4,
    'check {check} found {what}{more}',
    'mend the source or the check, then run again; `pipeline runs --json` has all that checks found',
  ],

  // 5: privacy
  E_SHAPE: [
    5,
    '{count} cells of column {column} of {dataset} do not have the shape of {treatment}',
    'do not use the file; check the treatment with `pipeline explain`',
  ],
  E_VERIFY: [
    5,
    '{count} problems were found in the lake',
    'see the list above; `pipeline run --date D` replaces a date',
  ],

  // 6: the machine
  E_LOCKED: [6, 'the lake is in use by {holder}; waited {seconds} s', 'try again when it is done'],
  E_DISK: [6, 'cannot write {path} ({kind})', 'make room or mend the permissions, then run again'],
  E_DISK_READ: [6, 'cannot read {path} ({kind})', 'mend the permissions, or restore the file'],
  E_NOT_A_DATABASE: [
    6,
    '{path} is not a DuckDB database',
    'move it away, then `pipeline transform --all` builds it anew',
  ],
  E_DATABASE_FOREIGN: [
    6,
    '{path} is a database that Lakeveil did not make',
    'move it away, or name another file in DUCKDB_PATH',
  ],
  E_LAKE_DAMAGED: [
    6,
    '{path} is not what its manifest says ({kind})',
    'restore the file, or run its date again',
  ],
  E_BUSY: [
    6,
    'a run of {pipeline} for {date} is under way',
    'wait until it has ended; its page shows how far it is',
  ],
  E_PORT: [6, 'port {port} is taken', 'give another one with `--port`'],

  E_INTERRUPTED: [130, 'interrupted', 'run the same command again'],
  E_TERMINATED: [143, 'terminated', 'run the same command again'],
} as const satisfies Record<string, Entry>;
