/** What the kernel leaves to ONNX Runtime, with the reason in the message. */
export class NotForKernelError extends Error {
  override readonly name = 'NotForKernelError';
}
