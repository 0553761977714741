import { ShardmillError } from '@shardmill/core';
import { aliasOf, type ModelAlias, type RegisteredModel } from './fold-model.js';
import type { AliasEvent } from './model-event.js';

/** What is to be done to an alias. */
export type AliasRequest =
  | {
      readonly kind: 'set';
      readonly alias: string;
      readonly version: number;
      readonly how: 'alias' | 'promote';
      /** The version that it has to point to now. */
      readonly expect?: number | undefined;
    }
  | { readonly kind: 'rollback'; readonly alias: string; readonly expect?: number | undefined }
  | { readonly kind: 'remove'; readonly alias: string; readonly expect?: number | undefined };

/** The part of an event that a decision is about. */
export type AliasDecision =
  | Pick<
      Extract<AliasEvent, { kind: 'alias-set' }>,
      'kind' | 'alias' | 'version' | 'previous' | 'how'
    >
  | Pick<Extract<AliasEvent, { kind: 'alias-removed' }>, 'kind' | 'alias' | 'previous'>;

/**
 * What becomes of a request, for a model as it is now. Of several requests that saw the same alias, the
 * one whose event is created first succeeds; all others are refused with its author's name.
 * @param seen the model as it was when the request was made.
 * @returns `same` where the alias points there already.
 * @throws MODEL_ALIAS_CONFLICT, MODEL_NO_EARLIER_VERSION
 */
export function decideAlias(
  request: AliasRequest,
  seen: RegisteredModel,
  now: RegisteredModel,
): AliasDecision | 'same' {
  const { alias, expect } = request;
  const current = aliasOf(now, alias);
  const before = aliasOf(seen, alias);
  if (current?.event !== before?.event) throw changedMeanwhile(now, alias, before);
  if (expect !== undefined && current?.version !== expect)
    throw notExpected(now.name, alias, current, expect);
  switch (request.kind) {
    case 'set': {
      const { version, how } = request;
      if (current?.version === version) return 'same';
      return { kind: 'alias-set', alias, version, previous: current?.version ?? null, how };
    }
    case 'rollback': {
      const [version] = current?.earlier ?? [];
      if (current === undefined || version === undefined) throw nothingEarlier(now, alias, current);
      return { kind: 'alias-set', alias, version, previous: current.version, how: 'rollback' };
    }
    case 'remove':
      return current === undefined
        ? 'same'
        : { kind: 'alias-removed', alias, previous: current.version };
    default: {
      const unknown: never = request;
      return unknown;
    }
  }
}

function changedMeanwhile(
  now: RegisteredModel,
  alias: string,
  before: ModelAlias | undefined,
): ShardmillError {
  const last = now.events.findLast((event) => event.kind !== 'added' && event.alias === alias);
  const did = last?.kind === 'alias-set' ? `set it to version ${last.version}` : 'removed it';
  const was = before === undefined ? 'it did not exist' : `it was version ${before.version}`;
  return new ShardmillError(
    'MODEL_ALIAS_CONFLICT',
    `${last?.by ?? 'another process'} was first: ${did} at ${last?.at ?? 'the same time'}, while ${was} for this command`,
    { where: `${now.name}@${alias}`, remedy: lookAgain(now.name, alias) },
  );
}

function notExpected(
  name: string,
  alias: string,
  current: ModelAlias | undefined,
  expect: number,
): ShardmillError {
  const is =
    current === undefined
      ? 'it does not exist'
      : `it is version ${current.version}, set by ${current.by} at ${current.at}`;
  return new ShardmillError('MODEL_ALIAS_CONFLICT', `${is}; expected version ${expect}`, {
    where: `${name}@${alias}`,
    remedy: lookAgain(name, alias),
  });
}

const lookAgain = (name: string, alias: string): string =>
  `Look at it with \`shardmill model history ${name}@${alias}\`, and decide again.`;

function nothingEarlier(
  { name }: RegisteredModel,
  alias: string,
  current: ModelAlias | undefined,
): ShardmillError {
  const message =
    current === undefined
      ? `${name} has no alias "${alias}"`
      : `it has been version ${current.version} since it was set`;
  return new ShardmillError('MODEL_NO_EARLIER_VERSION', message, { where: `${name}@${alias}` });
}
