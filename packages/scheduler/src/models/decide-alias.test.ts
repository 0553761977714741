import { describe, expect, it } from 'vitest';
import { modelFacts } from '../testing/model-facts.js';
import { type AliasDecision, type AliasRequest, decideAlias } from './decide-alias.js';
import { aliasOf, foldModel, newModel, type RegisteredModel } from './fold-model.js';
import { MODEL_EVENT_FORMAT, type ModelEvent } from './model-event.js';

const ALIAS = 'production';

function event(
  number: number,
  by: string,
): Pick<ModelEvent, 'format' | 'id' | 'at' | 'by' | 'note'> {
  const at = `2026-11-26T09:00:${String(number).padStart(2, '0')}.000Z`;
  return { format: MODEL_EVENT_FORMAT, id: String(number), at, by, note: null };
}

function fold(model: RegisteredModel, next: ModelEvent): RegisteredModel {
  const folded = foldModel(model, next);
  if (typeof folded === 'string') throw new Error(folded);
  return folded;
}

/** A model with versions 1 to 8. */
const released = [1, 2, 3, 4, 5, 6, 7, 8].reduce<RegisteredModel>(
  (model, version) =>
    fold(model, { ...event(0, 'ann'), kind: 'added', version, model: modelFacts(`v${version}`) }),
  newModel('churn'),
);

/** The model after a request of an author who saw the model as it is. */
function change(model: RegisteredModel, request: AliasRequest, by = 'ann'): RegisteredModel {
  const decision = decideAlias(request, model, model);
  if (decision === 'same') throw new Error('nothing was changed');
  return fold(model, { ...event(model.events.length, by), ...decision });
}

const promote = (version: number, expected?: number): AliasRequest => ({
  kind: 'set',
  alias: ALIAS,
  version,
  how: 'promote',
  expect: expected,
});
const rollback: AliasRequest = { kind: 'rollback', alias: ALIAS };
const versionNow = (model: RegisteredModel): number | undefined => aliasOf(model, ALIAS)?.version;

describe('rollback', () => {
  it('takes promotions off one after the other, and the last one stays', () => {
    let model = [5, 6, 7].reduce((seen, version) => change(seen, promote(version)), released);
    model = change(model, rollback);
    expect(versionNow(model)).toBe(6);
    model = change(model, rollback);
    expect(versionNow(model)).toBe(5);
    expect(() => decideAlias(rollback, model, model)).toThrow(
      expect.objectContaining({ code: 'MODEL_NO_EARLIER_VERSION', where: 'churn@production' }),
    );
  });

  it('does not come back to a version that was rolled back', () => {
    let model = [5, 6].reduce((seen, version) => change(seen, promote(version)), released);
    model = change(change(model, rollback), promote(8));
    expect(versionNow(change(model, rollback))).toBe(5);
  });

  it('has nothing to go back to of an alias that was removed and set anew', () => {
    const removed = change(change(released, promote(5)), { kind: 'remove', alias: ALIAS });
    const model = change(removed, promote(6));
    expect(() => decideAlias(rollback, model, model)).toThrow('it has been version 6');
  });
});

describe('two people who change an alias at once', () => {
  const seen = change(released, promote(6), 'ann@one');

  it('the second is refused, with the name of the first', () => {
    const now = change(seen, promote(7), 'bob@two');
    expect(() => decideAlias(promote(8), seen, now)).toThrow(
      expect.objectContaining({
        code: 'MODEL_ALIAS_CONFLICT',
        message: expect.stringMatching(
          /^bob@two was first: set it to version 7 at 2026.* version 6/,
        ),
      }),
    );
  });

  it('is refused, too, where the alias has come back to what it was, or was removed', () => {
    const back = change(change(seen, promote(7)), rollback);
    expect(versionNow(back)).toBe(6);
    expect(() => decideAlias(promote(8), seen, back)).toThrow('was first');
    const removed = change(seen, { kind: 'remove', alias: ALIAS }, 'bob@two');
    expect(() => decideAlias(promote(8), seen, removed)).toThrow('bob@two was first: removed it');
  });

  it('does not depend on what happened to other aliases and versions', () => {
    const now = change(seen, { kind: 'set', alias: 'candidate', version: 7, how: 'alias' });
    expect(decideAlias(promote(8), seen, now)).toEqual<AliasDecision>({
      kind: 'alias-set',
      alias: ALIAS,
      version: 8,
      previous: 6,
      how: 'promote',
    });
  });
});

it('an alias that is not what was expected stays as it is', () => {
  const model = change(released, promote(6));
  expect(() => decideAlias(promote(8, 5), model, model)).toThrow(
    /it is version 6.*expected version 5/,
  );
  expect(() => decideAlias(promote(8, 5), released, released)).toThrow('it does not exist');
  expect(decideAlias(promote(8, 6), model, model)).toMatchObject({ version: 8 });
});

it('an alias that points there already is not set again', () => {
  const model = change(released, promote(6));
  expect(decideAlias(promote(6), model, model)).toBe('same');
  expect(decideAlias({ kind: 'remove', alias: 'none' }, model, model)).toBe('same');
});

describe('an event that cannot follow on those before it', () => {
  const set = (version: number, previous: number | null): ModelEvent => ({
    ...event(9, 'ann'),
    kind: 'alias-set',
    alias: ALIAS,
    version,
    previous,
    how: 'promote',
  });
  const added = (version: number, model = modelFacts(`v${version}`)): ModelEvent => ({
    ...event(9, 'ann'),
    kind: 'added',
    version,
    model,
  });
  const copy = (uri: string): ModelEvent => {
    const facts = modelFacts('v9');
    return added(9, { ...facts, copied: true, file: { ...facts.file, uri } });
  };
  const digest = modelFacts('v9').file.sha256;

  it.each([
    ['points to a version that is not there', set(99, null), 'there is no version 99'],
    ['has missed a change', set(5, 4), 'pointed to no version, and the event says version 4'],
    ['adds a version again', added(8, modelFacts('other')), 'version 8 was added before'],
    ['adds a model again', added(9, modelFacts('v3')), 'is version 3'],
    ['copies to where runs are', copy('runs/a/000000.json'), 'does not lie in'],
    [
      'copies to elsewhere by a detour',
      copy(`models/churn/files/${digest}/../../../x`),
      'does not lie in',
    ],
    [
      'removes what is not there',
      { ...event(9, 'ann'), kind: 'alias-removed', alias: ALIAS, previous: 3 } as const,
      'pointed to no version',
    ],
  ])('%s', (_what, next, reason) => {
    expect(foldModel(released, next)).toContain(reason);
  });

  it('but a copy in its own folder can', () => {
    expect(foldModel(released, copy(`models/churn/files/${digest}/model.onnx`))).toBeTypeOf(
      'object',
    );
  });
});
