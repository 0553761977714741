/** A path that leads to something that is no file: a device, a pipe, a socket or a folder. */
export class NotRegularFile extends Error {
  constructor(readonly kind: string) {
    super(`this is ${kind}, not a file`);
  }
}
