import { expect, it } from 'vitest';
import { parentRunOf, parentVariables, submittedParent } from './parent-run.js';

const RUN = '0191f3a0-6c1e-7d5a-9f3b-0123456789ab';
const ROOT = '0191f3a0-0000-7000-8000-0123456789ab';

it('the variables that orchestrators set name the parent and the outermost run', () => {
  const variables = parentVariables({
    OPENLINEAGE_PARENT_ID: `default/churn.score/${RUN}`,
    OPENLINEAGE_ROOT_PARENT_ID: `default/churn/${ROOT}`,
  });
  expect(parentRunOf(variables)).toEqual({
    parent: { namespace: 'default', job: 'churn.score', run: RUN },
    root: { namespace: 'default', job: 'churn', run: ROOT },
  });
});

it('without an outermost run it is the parent, also where it cannot be read', () => {
  const parent = `https://airflow.example.com/prod/churn.score/${RUN}`;
  const reference = {
    namespace: 'https://airflow.example.com/prod',
    job: 'churn.score',
    run: RUN,
  };
  expect(parentRunOf({ parent })).toEqual({ parent: reference, root: reference });
  expect(parentRunOf({ parent, root: 'churn' })).toEqual({ parent: reference, root: reference });
});

it.each(['', 'churn', `churn/${RUN}`, 'default/churn.score/manual__2026-01-01', `/churn/${RUN}`])(
  '%j is no parent',
  (parent) => expect(parentRunOf({ parent })).toBeUndefined(),
);

it('a submission notes what can be read, and nothing else', () => {
  const parent = `default/churn.score/${RUN}`;
  expect(submittedParent({ OPENLINEAGE_PARENT_ID: parent })).toEqual({ parent });
  expect(submittedParent({ OPENLINEAGE_PARENT_ID: 'churn' })).toBeUndefined();
  expect(submittedParent({})).toBeUndefined();
});

it('an environment without them has none', () => {
  expect(parentVariables({})).toBeUndefined();
  expect(parentVariables({ OPENLINEAGE_PARENT_ID: ' ' })).toBeUndefined();
  expect(parentRunOf(undefined)).toBeUndefined();
});
