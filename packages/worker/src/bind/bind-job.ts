import path from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import {
  type AllowedLocations,
  type BindRequest,
  type BoundJob,
  type Column,
  requireAllowed,
  resolveLocation,
  type ScoredOutput,
  type Stores,
  sqlNames,
  withAbsoluteLocations,
} from '@shardmill/core';
import { openDatabase } from '../duckdb/open-database.js';
import type { LoadedModel } from '../lane/lane-pool.js';
import { estimateWork } from '../onnx-graph/estimate-work.js';
import { modelBytes } from '../model/model-bytes.js';
import { fixedBatch } from '../model/fixed-batch.js';
import { aboutModel, type ModelFinder } from '../model/find-model.js';
import { type LocalModel, localModel } from '../model/model-content.js';
import { loadFunctionRules } from '../sql/function-rules.js';
import { predicateOf } from '../sql/predicate-of.js';
import { checkModel, type ProbeModel, rowsPerCallOf } from '../row-wise/check-model.js';
import { quoteName } from '../duckdb/quote.js';
import { bindFeatures } from './features/bind-features.js';
import { refuseImages } from './images/bind-image.js';
import { bindPooling, modelOutputs } from './texts/bind-pooling.js';
import { bindText } from './texts/bind-text.js';
import { replacePoolingCalls } from './texts/pooling-calls.js';
import {
  checkShadowing,
  isTensor,
  outputSqlType,
  passThroughColumns,
  refuseOutputName,
  usedOutputs,
} from './outputs/bind-outputs.js';
import { checkPartitions } from './outputs/check-partitions.js';
import { withImages } from './images/image-work.js';
import { plainFeatures } from './features/plain-features.js';
import { refuseUndecided } from './refuse-undecided.js';
import { refuseModelNames } from './outputs/refuse-model-names.js';
import {
  challengerTable,
  draftChallengers,
  finishChallengers,
} from './challengers/bind-challengers.js';
import { refuseUnsupported } from './challengers/refuse-unsupported.js';
import { bindTransform } from './bind-transform.js';
import { storedType } from './features/stored-type.js';
import { Binder } from './binder.js';

/**
 * Checks a job against its input's columns and its model, without reading a row: every expression
 * is parsed and bound by DuckDB on an empty table, every feature is held against its tensor.
 */
export async function bindJob(
  request: BindRequest,
  models: Pick<ModelFinder, 'find'>,
  /** @param challenger its index, where it is one: each has a lane of its own. */
  loadModel: (model: LocalModel, challenger?: number) => Promise<LoadedModel>,
  probe: (
    model: LocalModel,
    rows: Parameters<ProbeModel>,
    challenger?: number,
  ) => ReturnType<ProbeModel>,
  stores: Stores,
  allow?: AllowedLocations,
): Promise<BoundJob> {
  const { job, jobFile, columns } = request;
  refuseUndecided(job, jobFile);
  refuseUnsupported(job);
  if (job.checks?.some(({ kind }) => kind === 'sql') === true) {
    const { bindProfileQueries } = await import('../profile/query-profile.js');
    await bindProfileQueries(job.checks);
  }
  const modelUri = resolveLocation(job.model.uri, path.dirname(jobFile));
  const mayRead = (file: string): Promise<void> => requireAllowed(allow, 'models', file, job.name);
  await mayRead(modelUri);
  const found = await models.find(modelUri, job.model.sha256, mayRead);
  const { info, path: modelPath, ...files } = found;
  const local = localModel(modelPath, files);
  const loading = loadModel(local).catch((error: unknown) => {
    throw aboutModel(error, found);
  });
  // A failure of the loading is seen where it is awaited.
  loading.catch(() => {});
  const database = await openDatabase({
    threads: 1,
    memoryLimitBytes: 256 * 2 ** 20,
    folders: [],
  });
  try {
    const connection = await database.connect();
    await createTable(connection, 'input', columns, 'column');
    const binder = new Binder(connection, await loadFunctionRules(connection), columns);

    const where =
      job.input.where === undefined
        ? undefined
        : await binder.bind(job.input.where, 'input.where', 'BOOLEAN');
    const model = await loading;
    refuseModelNames([...model.inputs, ...model.outputs], modelUri);
    const transform =
      job.transform === undefined
        ? undefined
        : await bindTransform(request, job.transform, {
            typesOf: binder.typesOf,
            addressed: binder.addressed,
            allow,
          });
    const { features: named } = withAbsoluteLocations(job, jobFile);
    if (transform !== undefined) refuseImages(named);
    const typesOf =
      transform === undefined ? binder.typesOf : binder.typesOverTransform(transform.columns);
    const addressed = transform === undefined ? binder.addressed : (sql: string): string => sql;
    const tokens = await bindText(request, model.inputs, { typesOf, addressed, stores, allow });
    const features = await bindFeatures(
      named,
      model.inputs,
      transform?.columns ?? columns,
      typesOf,
      addressed,
      tokens?.features,
    );
    const pooled: ScoredOutput[] = [];
    const computed = Object.entries(job.output.columns).map(([name, sql]): [string, string] => {
      const found = replacePoolingCalls(sql, model.outputs, `output.columns.${name}`);
      pooled.push(...found.outputs);
      return [name, found.sql];
    });
    // A map, since an object would put names that are numbers first.
    const parsed = await binder.parseOutputs(
      new Map([...passThroughColumns(job.output, columns), ...computed]),
    );
    for (const { name } of parsed) refuseOutputName(name, job.output);
    const used = usedOutputs(parsed, model.outputs, pooled);
    const rowsPerCall = rowsPerCallOf(job.model);
    const seen = await checkModel(
      {
        uri: found.uri,
        inputs: model.inputs,
        outputs: modelOutputs(used, model.outputs.filter(isTensor)),
        features,
        tokens: tokens && { ...tokens.text, maxId: tokens.maxId },
        graph: info.graph,
        ...rowsPerCall,
      },
      (...rows) => probe(local, rows),
    );
    const known = bindPooling(used, seen, features, tokens?.text);
    const outputs = known.map(({ width: _width, ...output }) => output);
    checkShadowing(parsed, columns, outputs);
    const columnUse = binder.columnUse(parsed, outputs);
    const drafts =
      job.challengers === undefined
        ? []
        : await draftChallengers(
            request,
            binder,
            { parsed, use: columnUse.outputs, pooled: pooled.length > 0 },
            { find: (...model) => models.find(...model), mayRead, load: loadModel, probe },
          );
    const all = [...parsed, ...drafts.flatMap((draft) => draft.columns)];
    const outputTypes = outputs.map((output) => ({
      name: output.name,
      type: outputSqlType(output),
    }));
    await createTable(connection, 'model', outputTypes, 'output', challengerTable(drafts));
    const outputColumns = await binder.describeOutputs(all, outputs);
    await binder.checkIndexes(parsed, known, outputColumns);
    const stored = outputColumns.map((column) => ({ ...column, type: storedType(column.type) }));
    const challengers = await finishChallengers(drafts, binder, stored);
    const { partitionBy } = job.output;
    if (partitionBy !== undefined) checkPartitions(partitionBy, all, stored, columns);
    return {
      used: binder.usedColumns(),
      where: where === undefined ? null : binder.addressed(where.sql),
      predicate: where === undefined ? { kind: 'unknown' } : predicateOf(where.tree, columns),
      model: { ...files, inputs: model.inputs, outputs, ...rowsPerCall },
      features,
      ...(tokens !== undefined && { text: tokens.text }),
      transform: transform?.transform ?? null,
      outputColumns: stored,
      ...(challengers.length > 0 && { challengers }),
      ...(binder.usesOrigin(all) && { origin: true as const }),
      rounded: binder.rounded,
      columnUse: {
        ...columnUse,
        features: binder.columnUse([], outputs).features,
        outputs: [...columnUse.outputs, ...drafts.flatMap(({ use }) => use)],
      },
      plain: transform === undefined ? plainFeatures(job.features, model.inputs, columns) : [],
      notices: [...binder.notices],
      work: withImages(
        estimateWork(info.graph, features, fixedBatch(model.inputs) ?? 1, modelBytes(files)),
        features,
      ),
    };
  } finally {
    database.close();
  }
}

async function createTable(
  connection: DuckDBConnection,
  name: string,
  columns: readonly Column[],
  kind: 'column' | 'output',
  /** Further columns, of names of Shardmill's own. */
  others: readonly Column[] = [],
): Promise<void> {
  const names = sqlNames(
    columns.map((column) => column.name),
    kind,
  );
  const list = [
    ...columns.map(({ type }, index) => `${quoteName(names[index] ?? '')} ${type}`),
    ...others.map((other) => `${quoteName(other.name)} ${other.type}`),
  ];
  // Behind a view: a table has a column rowid that no file has.
  await connection.run(`CREATE TABLE _shardmill_${name} (${list.join(', ')})`);
  await connection.run(`CREATE VIEW ${name} AS SELECT * FROM _shardmill_${name}`);
}
