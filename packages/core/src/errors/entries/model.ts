import { type ErrorEntry, usage, failed } from './entry.js';

/** The model. */
export const modelErrors = {
  MODEL_NOT_FOUND: usage('The model file does not exist.', 'Check the path; in a job, model.uri.'),
  MODEL_INVALID: usage(
    'The file is not an ONNX model, or is damaged.',
    'Export the model again and check it with `shardmill inspect`.',
  ),
  MODEL_OPERATOR_UNSUPPORTED: usage(
    'The model uses an operator or a version of one that ONNX Runtime here does not have.',
    'Export with an older opset, or without the custom operator.',
  ),
  MODEL_TYPE_UNSUPPORTED: usage(
    'An input or an output of the model has a type of elements that ONNX Runtime does not exchange with JavaScript, such as float8e4m3fn.',
    'Export the model with a Cast to float32 behind such an input or before such an output; layers between may keep their type.',
  ),
  MODEL_SHA256_MISMATCH: usage(
    'The model file is not the one that the job pins.',
    'Update model.sha256 if the new model is wanted.',
  ),
  MODEL_SHA256_MISSING: usage(
    'The configuration demands that jobs pin their model by its digest, and the job does not.',
    'Write its digest as model.sha256 into the job; `sha256sum FILE` computes it.',
  ),
  MODEL_CHANGED: failed(
    'never',
    'The model file changed after the plan was made.',
    'Start a new run.',
  ),
  MODEL_RUN_FAILED: failed(
    'never',
    'The model throws for every row that it is given.',
    'Look at the message of ONNX Runtime; most often a shape or an input is wrong.',
  ),
  MODEL_OUTPUT_SHAPE: failed(
    'never',
    'A model output does not have one row per input row.',
    'Export the model so that the first dimension of every output is the batch.',
  ),
  MODEL_NOT_ROW_WISE: usage(
    'The score of a row depends on the other rows of the same call of the model.',
    'Export the model so that each row is scored by itself (quantize it statically, normalize over the last axis, use eval mode), or fix the rows of every call in the job: model.batching: { rows: 1024 }.',
  ),
  MODEL_NOT_DETERMINISTIC: usage(
    'The model gives another score for the same rows each time.',
    'Export the model in eval mode, without operators that draw random numbers.',
  ),
  MODEL_OUTPUT_NOT_TENSOR: usage(
    'An output of the model is a map or a sequence, not a tensor, and not made by ZipMap.',
    "Use the model's tensor outputs, or export it with a tensor in its place.",
  ),
  MODEL_NAME_INVALID: usage(
    'What is given cannot name a model of the registry, one of its versions or an alias.',
    'Write NAME@VERSION or NAME@ALIAS, such as churn@7 or churn@production.',
  ),
  MODEL_NOT_REGISTERED: usage(
    'The model registry has no such model, version or alias.',
    'Use one of the names that the message proposes; `shardmill model list` shows all.',
  ),
  MODEL_VERSION_TAKEN: usage(
    'Another model has that version, or the model has another version already.',
    'Leave out --as-version: the next number is taken.',
  ),
  MODEL_VERSION_CHANGED: usage(
    'The file of a registered version is not the one that was registered.',
    'Put the registered file back, or register the new one with `shardmill model add`.',
  ),
  MODEL_ALIAS_CONFLICT: failed(
    'never',
    'The alias was changed by another process first, or does not point to what was expected.',
    'Look at it with `shardmill model history NAME`, and decide again.',
  ),
  MODEL_SIGNATURE_BREAKS: usage(
    'The version has other inputs or outputs than the one that it would replace, so that jobs would fail or mean something else.',
    'Change the jobs first; then give --allow-breaking.',
  ),
  MODEL_CHECKS_MISSING: usage(
    'The promotion requires passed checks, and no finished run with this model has passed its checks.',
    'Score with this version first, by a job that has checks.',
  ),
  MODEL_NO_EARLIER_VERSION: usage(
    'The alias pointed to no other version before.',
    'Choose a version with `shardmill model promote NAME@VERSION`.',
  ),
  MODEL_REGISTRY_DAMAGED: failed(
    'never',
    'An entry of the model registry cannot be read, is missing, or does not follow from those before it.',
    'Restore the object from a backup of the state location; nothing of this model is changed or used until then.',
  ),
  TOKENIZER_NOT_FOUND: usage(
    'The tokenizer of a feature does not exist.',
    'Check the path: it is the tokenizer.json that was exported beside the model.',
  ),
  TOKENIZER_INVALID: usage(
    'The file is not a tokenizer as the tokenizers library writes it, or is damaged.',
    'Give the tokenizer.json that was exported beside the model.',
  ),
  TOKENIZER_MISMATCH: usage(
    'The tokenizer or maxLength does not fit the model.',
    'Give the tokenizer.json that was exported beside the model, and a maxLength of at most the positions of the model.',
  ),
  TOKENIZER_CHANGED: failed(
    'never',
    'The tokenizer file changed after the plan was made.',
    'Start a new run.',
  ),
  TOKENIZER_FAILED: failed(
    'never',
    'The tokenizer cannot process a text of the input.',
    'Look at the message of the tokenizer; most often its own patterns are at fault.',
  ),
  TOKENIZER_TIMEOUT: failed(
    'again',
    'The tokenizer did not finish with a few texts within a minute.',
    'Look at the patterns in the tokenizer file: one of them takes without end for a text of the input. Or leave out very long texts with input.where.',
  ),
} as const satisfies Record<string, ErrorEntry>;
