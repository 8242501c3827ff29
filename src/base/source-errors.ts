/** Errors of exit code 3: what the source sends, or does not send. The catalogue says what an entry is. */
export const SOURCE_ERRORS = {
  E_SOURCE_CONNECT: [
    3,
    'cannot connect to the source ({kind})',
    'check that the API is running and reachable, then run the command again',
  ],
  E_SOURCE_STATUS: [
    3,
    'the source returned HTTP status {status}',
    'try again once the API is available; if the status means that no pages follow, add it to `end_status`',
  ],
  E_SOURCE_TOKEN: [
    3,
    'the token request failed ({kind})',
    'check `source.auth` in the definition and the variables it uses',
  ],
  E_SOURCE_TIMEOUT: [
    3,
    'the response was not complete after {timeout_ms} ms',
    'raise `timeout` or lower the page size',
  ],
  E_SOURCE_BODY: [3, 'the response was cut off or could not be decoded ({kind})', 'run the command again'],
  E_SOURCE_TOO_LARGE: [
    3,
    'the decoded response body is larger than {limit_bytes} bytes',
    'lower the page size or raise `max_response`',
  ],
  E_SOURCE_NOT_JSON: [
    3,
    'the response is not JSON ({kind})',
    'check `base_url` and `path`; a login page or a proxy may have answered',
  ],
  E_SOURCE_NOT_CSV: [
    3,
    'the response is not CSV with a header line ({kind})',
    'check `format` and `path`; a login page or a proxy may have answered',
  ],
  E_SOURCE_SHAPE: [
    3,
    'the response does not have {expected}',
    'compare `records` and `pagination` with what the API returns; put a name that holds a dot in double quotes',
  ],
  E_DRAFT: [3, 'cannot draft a definition from the sample: {why}', '{fix}'],
  E_SOURCE_STRUCTURE: [
    3,
    'the response exceeds the limits of its structure ({kind})',
    'check what the API returns; docs/pipelines.md lists the limits',
  ],
  E_SOURCE_REDIRECT: [3, 'the source redirects to another URL ({kind})', 'set `base_url` to the API URL'],
  E_SOURCE_RETRY_AFTER: [3, 'the source asks to retry after {seconds} s', 'run the command again after that'],
  E_EMBEDDED: [
    3,
    'the embedded server is not running ({kind})',
    'run the command again; `pipeline fake-api` starts the server alone',
  ],
  E_SOURCE_MORE: [
    3,
    'the last page says that there is more: `{sign}`',
    'correct `pagination`, or add `ignore_more: "<why>"` to the request if the source is wrong',
  ],
  E_SOURCE_ERROR: [
    3,
    'the source answered with status 200, but says that it failed, in whole or in part: `{sign}`',
    'check the request with the source; name other fields with `error_path` and `ok_path`, or add `ignore_more: "<why>"` if the records are all there',
  ],
  E_SHORT_PULL: [
    3,
    'requested {asked} records, received {got}',
    'run the command again; if the source has fewer records, request fewer, or name its total in `total_path`',
  ],
  E_PAGE_DRIFT: [
    3,
    '{count} {what} on pages {first} and {second}: as many may be missing',
    'run the command again, or set `on_page_drift: refetch` or `warn` in the request',
  ],
  E_SOURCE_ENDLESS: [
    3,
    'the source repeats itself ({kind})',
    'compare `pagination` with the API responses; name a flag that ends the pages in `more_path` or `last_path`',
  ],
  E_SOURCE_CAP: [3, 'the source sent more than {cap} {unit}', 'raise the limit in `source` if expected'],
  E_SOURCE_SLOW_CHECK: [
    3,
    'checking the records takes too long: {count} records are too slow for the pattern of a field',
    'simplify the pattern',
  ],
} as const;
