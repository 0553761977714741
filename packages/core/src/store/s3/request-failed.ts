import { type AnswerClass, classifyAnswer, type StoreAnswer } from './classify-answer.js';

/** A request that the store did not fulfil. Stays inside this folder. */
export class RequestFailed extends Error {
  override readonly name = 'RequestFailed';
  readonly class: AnswerClass;
  /** Whether it says more than its status: the answer to a HEAD does not. */
  readonly hasDetail: boolean;

  constructor(
    readonly answer: StoreAnswer,
    cause?: unknown,
  ) {
    super(quote(answer), cause === undefined ? undefined : { cause });
    this.class = classifyAnswer(answer);
    this.hasDetail = answer.status === undefined || wordsOf(answer) !== '';
  }
}

/** What the SDK or the network threw, as the store's answer; anything else as it is. */
export function requestFailed(thrown: unknown): unknown {
  if (thrown instanceof RequestFailed || !(thrown instanceof Error)) return thrown;
  const status = statusOf(thrown);
  const code = codeOf(thrown, status);
  if (status === undefined && code === undefined) return thrown;
  return new RequestFailed({ status, code: code ?? thrown.name, message: thrown.message }, thrown);
}

/** The message for a person, in the store's own words. */
function quote(answer: StoreAnswer): string {
  const { status } = answer;
  const seen = [status, wordsOf(answer)].filter((word) => word !== undefined && word !== '');
  return status === undefined
    ? `no answer (${seen.join(' ')})`
    : `the store answered ${seen.join(' ')}`;
}

/** `CODE: message`, less what says nothing. */
function wordsOf({ code, message }: StoreAnswer): string {
  // The SDK appends advice for programmers on lines of its own.
  const said = [code, message.split('\n')[0] ?? ''];
  const words = said.filter((word) => !/^(Unknown(Error)?|\d*)$/.test(word));
  return [...new Set(words)].join(': ');
}

/** Hidden fields of the SDK's errors; an answer that could not be parsed has only the second. */
function statusOf(thrown: Error): number | undefined {
  for (const [field, name] of [
    ['$metadata', 'httpStatusCode'],
    ['$response', 'statusCode'],
  ] as const) {
    const status = fieldOf(fieldOf(thrown, field), name);
    if (typeof status === 'number') return status;
  }
  return undefined;
}

/** Names of errors that come without a status or a code of the system: no answer came. */
const NO_ANSWER = ['TimeoutError', 'CredentialsProviderError'];

function codeOf(thrown: Error, status: number | undefined): string | undefined {
  // The SDK compares whole objects with the checksum that the store keeps.
  if (/^Checksum mismatch/i.test(thrown.message)) return 'BadDigest';
  if (status !== undefined) return thrown.name;
  const code = fieldOf(thrown, 'code');
  if (typeof code === 'string') return code;
  return NO_ANSWER.includes(thrown.name) ? thrown.name : undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
