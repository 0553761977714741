import type { Mutation } from './mutation.js';

const SCHEDULER = 'packages/scheduler/src';
const ENGINE = 'packages/worker/src';
const CLIENT = 'packages/client/src';

/** Guards of what a result is judged by: checks, acceptance, and the baseline of a run; and of dates that share a place. */
export const qualityMutations: readonly Mutation[] = [
  {
    name: 'the count of keys that repeat within a part',
    edits: [
      {
        file: `${ENGINE}/write/count-keys.ts`,
        text: 'const repeated = rows - different;',
        replacement: 'const repeated = 0 * (rows - different);',
      },
    ],
    tests: [`${ENGINE}/write/count-keys.test.ts`],
    only: 'keys of a part are counted by their values',
  },
  {
    name: 'the failure of a check whose keys were not counted',
    edits: [
      {
        file: `${SCHEDULER}/quality/checks/unique.ts`,
        text: 'passed: rows === 0, found }',
        replacement: 'passed: true, found }',
      },
    ],
    tests: [`${SCHEDULER}/quality/checks/evaluate-checks.test.ts`],
    only: 'fails where a worker did not count its keys',
  },
  {
    name: 'the failure of a check whose SQL fails',
    edits: [
      {
        file: `${SCHEDULER}/quality/checks/sql.ts`,
        text: "if ('fault' in answer) return { ...failed,",
        replacement: "if ('fault' in answer) return { ...failed, passed: true,",
      },
    ],
    tests: [`${SCHEDULER}/quality/checks/evaluate-checks.test.ts`],
    only: 'fails where it cannot be run',
  },
  {
    name: 'the refusal of SQL of a check that is no SELECT',
    edits: [
      {
        file: `${ENGINE}/profile/query-profile.ts`,
        text: 'if (statementType !== StatementType.SELECT) {',
        replacement: 'if (statementType === undefined) {',
      },
    ],
    tests: [`${ENGINE}/profile/query-profile.test.ts`],
    only: 'is refused before anything is scored',
  },
  {
    name: 'the condition on the note of who accepted a run',
    edits: [
      {
        file: `${SCHEDULER}/quality/stored-note.ts`,
        text: 'const created = await store.create(key, Buffer.from(canonicalJson(note)));',
        replacement:
          "await store.replace(key, Buffer.from(canonicalJson(note)));\n  const created = 'created';",
      },
    ],
    tests: [`${SCHEDULER}/quality/judge-run.test.ts`],
    only: 'is accepted by one of two persons',
  },
  {
    name: 'the digest of the baseline that a plan names',
    edits: [
      {
        file: `${SCHEDULER}/drift/run-drift.ts`,
        text: 'if (bytes === undefined || seen !== sha256) {',
        replacement: 'if (bytes === undefined) {',
      },
    ],
    tests: [`${SCHEDULER}/drift/run-drift.test.ts`],
    only: 'is not decided by a baseline that was changed',
  },
  {
    name: 'what scores a training set in the name of its kept profile',
    edits: [
      {
        file: `${SCHEDULER}/drift/kept-baselines.ts`,
        text: '{ ...rest, columns: output.columns }',
        replacement: '{ input: rest.input, columns: output.columns }',
      },
    ],
    tests: [`${SCHEDULER}/drift/kept-baselines.test.ts`],
    only: 'is kept by the files of the set',
  },
  {
    name: 'the look at the dates beside those of a backfill that appends',
    edits: [
      {
        file: `${CLIENT}/backfill/backfill-range.ts`,
        text: "(wanted.output.mode === 'append' && sharesWithOthers(work, dates, { cron, timezone }))",
        replacement: '(timezone === null && sharesWithOthers(work, dates, { cron, timezone }))',
      },
    ],
    tests: [`${CLIENT}/backfill/backfill-range.test.ts`],
    only: 'of one date is',
  },
];
