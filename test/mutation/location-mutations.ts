import type { Mutation } from './mutation.js';

const STORE = 'packages/core/src/store';
const SCHEDULER = 'packages/scheduler/src';
const ENGINE = 'packages/worker/src';

/** Guards of what a job may read, run and write. */
export const locationMutations: readonly Mutation[] = [
  {
    name: 'the check of what was opened for a regular file',
    edits: [
      {
        file: `${STORE}/open-regular-file.ts`,
        text: 'if (info.isFile()) return file;',
        replacement: 'if (info !== null) return file;',
      },
    ],
    tests: [`${STORE}/regular-file.test.ts`],
    only: 'is nothing else',
  },
  {
    name: 'what jobs are allowed to name',
    edits: [
      {
        file: `${STORE}/allowed-locations.ts`,
        text: 'if (roots === undefined) return;',
        replacement: 'if (roots !== null) return;',
      },
    ],
    tests: [`${STORE}/allowed-locations.test.ts`],
    only: 'may lie nowhere else',
  },
  {
    name: 'the links that are followed before locations are compared',
    edits: [
      {
        file: `${STORE}/allowed-locations.ts`,
        text: 'return await realpath(target);',
        replacement: 'return target;',
      },
    ],
    tests: [`${STORE}/allowed-locations.test.ts`],
    only: 'may lie nowhere else',
  },
  {
    name: 'the patterns of jobs in what is allowed',
    edits: [
      {
        file: `${STORE}/allowed-locations.ts`,
        text: 'const usable = own.length > 0 ? own :',
        replacement: 'const usable = own.length < 0 ? own :',
      },
    ],
    tests: [`${STORE}/allowed-locations.test.ts`],
    only: 'are all that the jobs which they match',
  },
  {
    name: "the scheduler's check of what a job names",
    edits: [
      {
        file: `${SCHEDULER}/service/run/plan-run.ts`,
        text: 'await checkRules(rules, request.job, request.jobFile, stores);',
        replacement: '',
      },
    ],
    tests: [`${SCHEDULER}/service/scheduler-service.test.ts`],
    only: 'whose output is not allowed',
  },
  {
    name: "the worker's check of where it writes",
    edits: [
      {
        file: `${ENGINE}/shard/work-shard.ts`,
        text: 'if (forbidden !== undefined) return forbidden;',
        replacement: '',
      },
    ],
    tests: [`${ENGINE}/shard/work-shard.test.ts`],
    only: 'the output is refused',
  },
  {
    name: "the worker's check of what it reads",
    edits: [
      {
        file: `${ENGINE}/shard/work-shard.ts`,
        text: 'await checkReads(this.context, found);',
        replacement: '',
      },
    ],
    tests: [`${ENGINE}/shard/work-shard.test.ts`],
    only: 'fails before it is staged',
  },
  {
    name: "the folder of a model's weights",
    edits: [
      {
        file: `${ENGINE}/model/model-files.ts`,
        text: 'await requireBelowModel(file, location, modelPath);',
        replacement: '',
      },
    ],
    tests: [`${ENGINE}/model/model-files.test.ts`],
    only: 'lie below the folder',
  },
  {
    name: "the question for a model's weights",
    edits: [
      {
        file: `${ENGINE}/model/model-files.ts`,
        text: 'await mayRead(file);',
        replacement: '',
      },
    ],
    tests: [`${ENGINE}/model/model-files.test.ts`],
    only: 'are asked for before',
  },
  {
    name: 'the digest of a transform',
    edits: [
      {
        file: `${ENGINE}/scan/allowed-module.ts`,
        text: 'if (found === sha256) return;',
        replacement: 'if (found !== null) return;',
      },
    ],
    tests: [`${ENGINE}/scan/allowed-module.test.ts`],
    only: 'must be the one that was planned',
  },
  {
    name: 'the regions that jobs are allowed',
    edits: [
      {
        file: `${STORE}/allowed-regions.ts`,
        text: 'if (regions === undefined || !isS3(location)) return;',
        replacement: 'if (regions !== null) return;',
      },
    ],
    tests: [`${STORE}/allowed-regions.test.ts`],
    only: 'may not be used by',
  },
  {
    name: "the scheduler's check of regions",
    edits: [
      {
        file: `${SCHEDULER}/plan/job-rules.ts`,
        text: 'await requireRegion(allow, location, job.name, regionOf);',
        replacement: '',
      },
    ],
    tests: [`${SCHEDULER}/plan/job-rules.test.ts`],
    only: 'are those of its input',
  },
  {
    name: "the worker's check of regions",
    edits: [
      {
        file: `${ENGINE}/shard/check-locations.ts`,
        text: 'await requireRegion(allow, uri, plan.job.name, regionOf);',
        replacement: '',
      },
    ],
    tests: [`${ENGINE}/shard/check-locations.test.ts`],
    only: 'writes into those alone',
  },
  {
    name: "the folders of a run's database",
    edits: [
      {
        file: `${ENGINE}/duckdb/open-database.ts`,
        text: "await setup.run('SET enable_external_access = false');",
        replacement: '',
      },
    ],
    tests: [`${ENGINE}/duckdb/open-database.test.ts`],
    only: 'reaches no file but those',
  },
  {
    name: "the lock of a database's settings",
    edits: [
      {
        file: `${ENGINE}/duckdb/open-database.ts`,
        text: "await setup.run('SET lock_configuration = true');",
        replacement: '',
      },
    ],
    tests: [`${ENGINE}/duckdb/open-database.test.ts`],
    only: 'keeps its settings',
  },
  {
    name: 'the pin of a model that is demanded',
    edits: [
      {
        file: `${SCHEDULER}/plan/job-rules.ts`,
        text: 'if (requireSha256 === true) {',
        replacement: 'if (requireSha256 === null) {',
      },
    ],
    tests: [`${SCHEDULER}/plan/job-rules.test.ts`],
    only: 'a model has to be pinned',
  },
  {
    name: 'the check of the files that were found',
    edits: [
      {
        file: `${SCHEDULER}/plan/job-rules.ts`,
        text: 'if (allow?.inputs === undefined) return;',
        replacement: 'if (allow !== null) return;',
      },
    ],
    tests: [`${SCHEDULER}/plan/job-rules.test.ts`],
    only: 'files that were found',
  },
  {
    name: 'the one place from which images that the data names are opened',
    edits: [
      {
        file: `${ENGINE}/images/fetch-image.ts`,
        text: '(await placeWithin(location, from)) ?? {',
        replacement: 'location ?? {',
      },
    ],
    tests: [`${ENGINE}/images/fetch-image.test.ts`],
    only: 'is refused where it lies outside',
  },
];
