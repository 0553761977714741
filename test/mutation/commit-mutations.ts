import type { Mutation } from './mutation.js';

const STORE = 'packages/core/src/store';
const SCHEDULER = 'packages/scheduler/src';
const ENGINE = 'packages/worker/src';

/** Guards of what is committed: conditional creates, pins, records, the manifest, and the accounting of rows. */
export const commitMutations: readonly Mutation[] = [
  {
    name: 'the end of a run by a failed check before its success',
    edits: [
      {
        file: `${SCHEDULER}/quality/judge-run.ts`,
        text: 'if (accepted === undefined) throw checksFailed(request, outcomes, failed);',
        replacement:
          'if (accepted === undefined && failed.length === 0) throw checksFailed(request, outcomes, failed);',
      },
    ],
    tests: [`${SCHEDULER}/quality/judge-run.test.ts`],
    only: 'ends before anything of its result is published',
  },
  {
    name: "the look for the run's transaction in a table",
    edits: [
      {
        file: `${SCHEDULER}/finalize/table/commit-table.ts`,
        text: 'if (snapshot?.transactions.has(transactionOf(runId)) === true) {',
        replacement: 'if (snapshot?.transactions === undefined && runId === undefined) {',
      },
    ],
    tests: [`${SCHEDULER}/finalize/table/commit-table.test.ts`],
    only: 'is made once',
  },
  {
    name: "the condition on a table's version",
    edits: [
      {
        file: `${SCHEDULER}/finalize/table/commit-table.ts`,
        text: "if ((await store.create(commitKey(next), Buffer.from(lines))) === 'created') {",
        replacement: 'await store.replace(commitKey(next), Buffer.from(lines)); {',
      },
    ],
    tests: [`${SCHEDULER}/finalize/table/commit-table.test.ts`],
    only: 'of two runs that append at once are both made',
  },
  {
    name: 'the look for a later run before a table is overwritten',
    edits: [
      {
        file: `${SCHEDULER}/finalize/table/refuse-superseded.ts`,
        text: 'if (earlier === undefined || !(await isFollowed(store, runId, earlier))) return;',
        replacement: 'if (earlier !== null) return;',
      },
    ],
    tests: [`${SCHEDULER}/finalize/table/commit-table.test.ts`],
    only: 'of an earlier run that overwrites is refused',
  },
  {
    name: 'the look for rows of a later run in the partitions that are replaced',
    edits: [
      {
        file: `${SCHEDULER}/finalize/table/refuse-superseded.ts`,
        text: 'if (later === undefined) return;',
        replacement: 'if (later !== null) return;',
      },
    ],
    tests: [`${SCHEDULER}/finalize/table/replace-partitions.test.ts`],
    only: 'is refused once a later run',
  },
  {
    name: 'the partitions whose files alone are replaced',
    edits: [
      {
        file: `${SCHEDULER}/delta/target/replaced-files.ts`,
        text: 'return files.filter(({ partitionValues }) => written.has(keyOf(partitionValues)));',
        replacement: 'return files.filter(() => written.size >= 0);',
      },
    ],
    tests: [`${SCHEDULER}/finalize/table/replace-partitions.test.ts`],
    only: 'is committed beside one that replaces other partitions',
  },
  {
    name: 'the files that a commit to a table removes',
    edits: [
      {
        file: `${SCHEDULER}/delta/target/commit-lines.ts`,
        text: '...replaced.map((file) => removal(file, at)),',
        replacement: '',
      },
    ],
    tests: [`${SCHEDULER}/finalize/table/commit-table.test.ts`],
    only: 'adds to what is there when appending',
  },
  {
    name: 'the index with which a part of several files is there',
    edits: [
      {
        file: `${SCHEDULER}/finalize/collect-records.ts`,
        text: 'await checkObjects(store, plan, [...parts, ...indexes]);',
        replacement: 'await checkObjects(store, plan, parts);',
      },
      {
        file: `${SCHEDULER}/finalize/collect-records.ts`,
        text: 'const isIndex = partitioned && key.startsWith(partIndexPrefix(plan.runId));',
        replacement: 'const isIndex = false;',
      },
    ],
    tests: [`${SCHEDULER}/finalize/finalize-run.test.ts`],
    only: 'a file or an index that is gone',
  },
  {
    name: 'the files in folders of partitions that an overwriting run replaces',
    edits: [
      {
        file: `${SCHEDULER}/finalize/remove-earlier-runs.ts`,
        text: "remove('', (key) => isEarlier(runOfPart(key)))",
        replacement: "remove('part-', (key) => isEarlier(runOfPart(key)))",
      },
    ],
    tests: [`${SCHEDULER}/finalize/finalize-run.test.ts`],
    only: 'crash at any point of files by partition',
  },
  {
    name: 'the rows and the plan of a file that another attempt has made',
    edits: [
      {
        file: `${ENGINE}/part/partitions/commit-partitions.ts`,
        text: "content = created.includes('exists')",
        replacement: 'content = created.length < 0',
      },
    ],
    tests: [`${ENGINE}/part/partitions/commit-partitions.test.ts`],
    only: 'a part is refused where a file',
  },
  {
    name: 'the refusal of deletion vectors',
    edits: [
      {
        file: `${SCHEDULER}/delta/read/reader-features.ts`,
        text: 'if (vector !== undefined) {',
        replacement: 'if (vector === null) {',
      },
    ],
    tests: [`${SCHEDULER}/delta/read/list-table.test.ts`],
    only: 'deletion vectors that are in use',
  },
  {
    name: 'the condition on PUT',
    edits: [
      {
        file: `${STORE}/s3/s3-requests.ts`,
        text: "{ IfNoneMatch: '*', Metadata: { [WRITER]: writer } }",
        replacement: '{ Metadata: { [WRITER]: writer } }',
      },
    ],
    tests: [`${STORE}/store-contract.test.ts`],
    only: 'a prefix of a bucket as a store never changes what is there',
  },
  {
    name: 'the condition on a new file',
    edits: [
      {
        file: `${STORE}/file-store.ts`,
        text: 'await link(file, name);',
        replacement: 'await rename(file, name);',
      },
    ],
    tests: [`${STORE}/store-contract.test.ts`],
    only: 'a folder as a store never changes what is there',
  },
  {
    name: 'the read-back after a PUT without a clear answer',
    edits: [
      {
        file: `${STORE}/s3/create-once.ts`,
        text: 'if (triesBefore > 0) {',
        replacement: 'if (triesBefore < 0) {',
      },
      {
        file: `${STORE}/s3/create-once.ts`,
        text: `so check.
      const found = await verdict(raw, key, body, writer);`,
        replacement: `so check.
      const found = 'exists' as const;`,
      },
    ],
    tests: [`${STORE}/s3/create-once.test.ts`],
    only: 'under a store that may lose any answer',
  },
  {
    name: 'the pin of an object by its ETag',
    edits: [
      {
        file: `${STORE}/s3/s3-requests.ts`,
        text: 'IfMatch: `"${etag}"`',
        replacement: '',
      },
      {
        file: `${STORE}/s3/s3-store.ts`,
        text: 'if (etag === undefined || found === etag) return;',
        replacement: 'if (etag !== null) return;',
      },
    ],
    tests: [`${STORE}/store-contract.test.ts`],
    only: 'a prefix of a bucket as a store refuses a range of another content',
  },
  {
    name: 'the pin of a file',
    edits: [
      {
        file: `${STORE}/file-store.ts`,
        text: 'if (etag !== undefined && fileEtag(',
        replacement: 'if (etag === null && fileEtag(',
      },
    ],
    tests: [`${STORE}/file-store.test.ts`],
    only: 'refuses a range of a file that was written again since',
  },
  {
    name: 'the trial of a store that may ignore conditions',
    edits: [
      {
        file: `${STORE}/probe-store.ts`,
        text: 'if (await store.refusesSecondCreate(key)) return;',
        replacement: 'if (!(await store.refusesSecondCreate(key))) return;\n    return;',
      },
    ],
    tests: [`${STORE}/stores.test.ts`],
    only: 'refuses a store that ignores them',
  },
  {
    name: 'the hash of a page of the plan',
    edits: [
      {
        file: 'packages/core/dist/plan/stored-plan.js',
        text: 'if (found !== expected.sha256) {',
        replacement: 'if (found === null) {',
      },
    ],
    tests: [`${SCHEDULER}/plan/publish-plan.test.ts`],
    only: 'refuses what is damaged',
  },
  {
    name: 'the reconcile of plan and queue',
    edits: [
      {
        file: `${SCHEDULER}/service/dispatch/run-dispatch.ts`,
        text: 'await this.#enqueue(await this.#outcomes.lookUp(absent));',
        replacement: 'await this.#outcomes.lookUp(absent);',
      },
    ],
    tests: [`${SCHEDULER}/service/scheduler-service.test.ts`],
    only: 'fills the queue again after Redis was emptied',
  },
  {
    name: 'the accounting of rows',
    edits: [
      {
        file: `${SCHEDULER}/finalize/check-record.ts`,
        text: 'if (rows.read === rows.scored + rows.rejected + rows.filtered) return;',
        replacement: 'if (rows.read >= 0) return;',
      },
      {
        file: `${SCHEDULER}/finalize/check-record.ts`,
        text: 'if (part.rows.read !== planned.rows) {',
        replacement: 'if (part.rows.read < 0) {',
      },
      {
        file: `${SCHEDULER}/finalize/check-record.ts`,
        text: 'if (!sameCounts(sum, record.rows)) {',
        replacement: 'if (sum === null) {',
      },
    ],
    tests: [`${SCHEDULER}/finalize/finalize-run.test.ts`],
    only: 'finalizing refuses',
  },
  {
    name: 'the look for the parts before the manifest',
    edits: [
      {
        file: `${SCHEDULER}/finalize/collect-records.ts`,
        text: 'await checkObjects(store, plan, [...parts, ...indexes]);',
        replacement: '',
      },
    ],
    tests: [`${SCHEDULER}/finalize/finalize-run.test.ts`],
    only: 'finalizing refuses',
  },
  {
    name: 'the manifest before _SUCCESS',
    edits: [
      {
        file: `${SCHEDULER}/finalize/finalize-run.ts`,
        text: `const manifest =
    (await adoptManifest(`,
        replacement: `await announceSuccess(store, plan);
  const manifest =
    (await adoptManifest(`,
      },
    ],
    tests: [`${SCHEDULER}/finalize/finalize-run.test.ts`],
    only: 'comes to the same end after a crash',
  },
  {
    name: 'the record before a shard is settled',
    edits: [
      {
        file: `${ENGINE}/shard/work-shard.ts`,
        text: 'await this.#store.create(shardRecordKey(run, shard), encode(record));',
        replacement: '',
      },
    ],
    tests: [`${ENGINE}/shard/work-shard.test.ts`],
    only: 'a shard that is scored',
  },
  {
    name: 'the check for the plan before a record',
    edits: [
      {
        file: `${ENGINE}/shard/work-shard.ts`,
        text: `if (!(await plans.exists(message))) return this.#runGone();
    // Another worker`,
        replacement: '// Another worker',
      },
    ],
    tests: [`${ENGINE}/shard/work-shard-overwritten.test.ts`],
    only: 'deletes the parts of a late worker that finishes',
  },
  {
    name: 'the wait for the engine before that check',
    edits: [
      {
        file: `${ENGINE}/shard/work-shard.ts`,
        text: 'await this.context.untilOut?.(message);',
        replacement: '',
      },
    ],
    tests: [`${ENGINE}/shard/work-shard-overwritten.test.ts`],
    only: 'deletes a part that the engine made',
  },
  {
    name: 'the new plan of a run whose place was taken',
    edits: [
      {
        file: `${SCHEDULER}/service/run/run-steps.ts`,
        text: "await this.#append({ kind: 'unplanned', at: this.#now() });",
        replacement: 'throw planGone(this.#run.planRun, this.output);',
      },
    ],
    tests: [`${SCHEDULER}/service/scheduler-planning.test.ts`],
    only: 'plans a run afresh that is resumed',
  },
];
