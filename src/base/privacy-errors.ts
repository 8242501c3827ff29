/** Errors of exit code 5: privacy, and landed data that is gone. The catalogue says what an entry is. */
export const PRIVACY_ERRORS = {
  E_ECHO: [
    5,
    'masked column {column} of {dataset} holds a direct value of its own record',
    'correct the treatment of the column; `pipeline explain` shows its SQL',
  ],
  E_WITHHELD: [
    5,
    '{count} kept cells of {total} records of {dataset} hold direct values of their own records; max_withheld allows {allowed}',
    'check the fields that are kept: the source may have put names into them; mask or drop them, or raise `max_withheld`',
  ],
  E_SHAPE: [
    5,
    '{count} cells of column {column} in {dataset} do not match the output of {treatment}',
    'do not use the file; check the treatment with `pipeline explain`',
  ],
  E_LEAK: [
    5,
    'found {found}: raw values, or cells without the shape of their treatment, are on disk',
    'keep others away from the files of the list above, remove them, then land their dates again',
  ],
  E_VERIFY: [5, 'found {found} in the lake', '{fix}'],
  E_RELEASE: [5, 'release {release} was not published: {what}', '{fix}'],
} as const;
