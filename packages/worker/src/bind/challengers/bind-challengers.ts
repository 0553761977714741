import path from 'node:path';
import {
  type BindRequest,
  type BoundChallenger,
  type BoundJob,
  challengerColumn,
  challengerOutputName,
  challengerScoredName,
  type Column,
  type ColumnUse,
  foldName,
  type JobChallenger,
  resolveLocation,
  scoredColumn,
  withAbsoluteLocations,
} from '@shardmill/core';
import { quoteName } from '../../duckdb/quote.js';
import type { LoadedModel } from '../../lane/lane-pool.js';
import { aboutModel, type ModelFinder } from '../../model/find-model.js';
import { type LocalModel, localModel } from '../../model/model-content.js';
import { checkModel, type ProbeModel } from '../../row-wise/check-model.js';
import { bindFeatures } from '../features/bind-features.js';
import {
  checkShadowing,
  isTensor,
  outputSqlType,
  type ParsedOutput,
  refuseOutputName,
  usedOutputs,
} from '../outputs/bind-outputs.js';
import type { Binder } from '../binder.js';
import { refuseModelNames } from '../outputs/refuse-model-names.js';
import { aboutChallenger, invalidChallenger } from './about-challenger.js';
import { addressColumns } from './address-columns.js';
import { compareColumns } from './compare-columns.js';
import { unsupported } from './refuse-unsupported.js';
import { isInShare, keyOfShare } from './share-rows.js';
import type { KnownOutput } from '../../row-wise/check-outputs.js';

export interface ChallengerModels {
  readonly find: Pick<ModelFinder, 'find'>['find'];
  readonly mayRead: (file: string) => Promise<void>;
  /** @param index of the challenger: each has a lane of its own. */
  readonly load: (model: LocalModel, index: number) => Promise<LoadedModel>;
  readonly probe: (
    model: LocalModel,
    rows: Parameters<ProbeModel>,
    index: number,
  ) => ReturnType<ProbeModel>;
}

/** What the champion's columns are made of. */
export interface ChampionColumns {
  readonly parsed: readonly ParsedOutput[];
  readonly use: ColumnUse['outputs'];
  /** Whether the model's outputs are pooled. */
  readonly pooled: boolean;
}

/** A challenger whose model and features are bound, and whose columns have no types yet. */
export interface ChallengerDraft {
  readonly bound: Omit<BoundChallenger, 'compared' | 'rankEvery'>;
  readonly outputs: readonly KnownOutput[];
  /** Its own columns, by their names without its own. */
  readonly own: readonly ParsedOutput[];
  /** The same and whether it scored the row, as columns of the output. */
  readonly columns: readonly ParsedOutput[];
  readonly use: ColumnUse['outputs'];
}

/**
 * Binds each challenger of a job as its model is bound, on the same columns.
 * @throws CHALLENGER_INVALID, and what binding a model and its columns throws
 */
export async function draftChallengers(
  { job, jobFile, columns }: BindRequest,
  binder: Binder,
  champion: ChampionColumns,
  models: ChallengerModels,
): Promise<ChallengerDraft[]> {
  const absolute = withAbsoluteLocations(job, jobFile);
  const drafts: ChallengerDraft[] = [];
  if (champion.pooled) throw unsupported('pooled outputs', 'output.columns');
  for (const [index, challenger] of (absolute.challengers ?? []).entries()) {
    const { name } = challenger;
    const uri = resolveLocation(challenger.model.uri, path.dirname(jobFile));
    const features = challenger.features ?? absolute.features;
    const place = { name, index };
    drafts.push(
      await aboutChallenger(name, () =>
        draftChallenger({ ...challenger, features }, place, uri, job, columns),
      ),
    );
  }
  refuseCollisions(champion, drafts, columns);
  return drafts;

  async function draftChallenger(
    challenger: JobChallenger & { readonly features: typeof job.features },
    place: { readonly name: string; readonly index: number },
    uri: string,
    { output }: BindRequest['job'],
    all: readonly Column[],
  ): Promise<ChallengerDraft> {
    const { name, index } = place;
    const { share, shareBy, bands } = challenger;
    await models.mayRead(uri);
    const found = await models.find(uri, challenger.model.sha256, models.mayRead);
    const { info, path: modelPath, ...files } = found;
    const local = localModel(modelPath, files);
    const model = await models.load(local, index).catch((error: unknown) => {
      throw aboutModel(error, found);
    });
    refuseModelNames([...model.inputs, ...model.outputs], uri);
    const features = await bindFeatures(
      challenger.features,
      model.inputs,
      all,
      binder.typesOf,
      binder.addressed,
    );
    const own: ParsedOutput[] = [];
    for (const [column, sql] of columnsOf(challenger, output.columns, champion)) {
      const where = `output.columns.${column}`;
      own.push({ name: column, expression: await binder.parseOutput(sql, where) });
    }
    const used = usedOutputs(own, model.outputs);
    const outputs = await checkModel(
      {
        uri: found.uri,
        inputs: model.inputs,
        outputs: used.filter(isTensor),
        features,
        graph: info.graph,
      },
      (...rows) => models.probe(local, rows, index),
    );
    checkShadowing(own, all, outputs);
    const addressed = addressColumns(place, own, all, outputs);
    const written = own.map((column, i) => ({
      ...column,
      name: challengerColumn(name, column.name),
      addressed: addressed[i] ?? '',
      where: `challengers.${name}.columns.${column.name}`,
    }));
    for (const column of written) refuseOutputName(column.name, output);
    const scored = quoteName(challengerScoredName(index));
    const flag = await binder.parseOutput(scored, 'challengers');
    const key = share < 1 && shareBy !== undefined ? keyOfShare(name, shareBy, all) : undefined;
    if (key !== undefined) await binder.typesOf([{ sql: key, where: 'shareBy' }]);
    return {
      bound: {
        name,
        model: {
          ...files,
          inputs: model.inputs,
          outputs: outputs.map(({ width: _width, dims: _dims, ...tensor }) => tensor),
        },
        features,
        share,
        rows: key === undefined ? null : isInShare(binder.addressed(key), share),
        ...(bands !== undefined && { bands }),
      },
      outputs,
      own,
      columns: [
        ...written,
        { name: scoredColumn(name), expression: flag, addressed: scored, where: 'challengers' },
      ],
      use: [
        ...binder.columnUse(own, outputs).outputs.map((one) => ({ ...one, modelOutputs: [] })),
        { columns: [], modelOutputs: [], plain: false },
      ],
    };
  }
}

/** The columns that a challenger has of its own: those that the job gives, or the champion's. */
function columnsOf(
  { name, columns }: JobChallenger,
  champion: Readonly<Record<string, string>>,
  { parsed, use }: ChampionColumns,
): [column: string, sql: string][] {
  if (columns !== undefined) return Object.entries(columns);
  const usesModel = new Set(
    parsed.filter((_, i) => (use[i]?.modelOutputs.length ?? 0) > 0).map((column) => column.name),
  );
  const own = Object.entries(champion).filter(([column]) => usesModel.has(column));
  if (own.length > 0) return own;
  throw invalidChallenger(name, 'columns', 'no column of output.columns uses the model');
}

function refuseCollisions(
  champion: ChampionColumns,
  drafts: readonly ChallengerDraft[],
  columns: readonly Column[],
): void {
  const taken = new Map(champion.parsed.map(({ name }) => [foldName(name), 'of the output']));
  for (const { name } of columns) taken.set(foldName(name), 'of the input');
  for (const { bound, columns: own } of drafts) {
    for (const { name } of own) {
      const owner = taken.get(foldName(name));
      if (owner !== undefined) {
        throw invalidChallenger(
          bound.name,
          'name',
          `its column "${name}" has the name of a column ${owner}`,
          'Give the challenger another name.',
        );
      }
      taken.set(foldName(name), `of challenger "${bound.name}"`);
    }
  }
}

/** The columns that the table of the models' outputs has of challengers. */
export function challengerTable(
  drafts: readonly ChallengerDraft[],
): { readonly name: string; readonly type: string }[] {
  return drafts.flatMap(({ outputs }, index) => [
    ...outputs.map((output, i) => ({
      name: challengerOutputName(index, i),
      type: outputSqlType(output),
    })),
    { name: challengerScoredName(index), type: 'BOOLEAN' },
  ]);
}

/** The challengers, once the output's columns have types. @throws CHALLENGER_INVALID, INDEX_OUT_OF_RANGE */
export async function finishChallengers(
  drafts: readonly ChallengerDraft[],
  binder: Binder,
  described: BoundJob['outputColumns'],
): Promise<NonNullable<BoundJob['challengers']>> {
  const typeOf = (name: string): string | undefined =>
    described.find((column) => column.name === name)?.type;
  const finished: Omit<BoundChallenger, 'rankEvery'>[] = [];
  for (const { bound, outputs, own } of drafts) {
    const { name, bands } = bound;
    const columns = own.map((column) => {
      const challenger = challengerColumn(name, column.name);
      const types = { champion: typeOf(column.name), challenger: typeOf(challenger) ?? '' };
      return { champion: column.name, challenger, types };
    });
    await aboutChallenger(name, () =>
      binder.checkOutputIndexes(
        own,
        outputs,
        columns.map(({ champion, types }) => ({ name: champion, type: types.challenger, sql: '' })),
      ),
    );
    finished.push({ ...bound, compared: compareColumns(name, columns, bands) });
  }
  return finished;
}
